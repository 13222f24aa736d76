import BuildModel
import Codecs
import OCISpec
import Sandboxing

/// How a build is done, as opposed to what is built. Only ``compression``, the annotations and the times reach the
/// image.
package struct EngineOptions: Sendable {
    /// What becomes of the times of files that COPY and ADD take from the context.
    package enum CopyTime: Hashable, Sendable {
        /// All get this time, in seconds since 1970.
        case constant(Int64)
        /// The file's own.
        case preserved
    }

    /// 1980-01-01T00:00:01Z: a layer does not change because a checkout did, and zip and wheel tools, which refuse
    /// earlier times, work.
    package static let constantTime: Int64 = 315_532_801

    /// How layers are compressed.
    package var compression = Compression.default
    /// How many threads compress a layer; the bytes do not depend on it.
    package var compressionThreads: Int
    /// False: every step is done again (and recorded anew).
    package var usesCache = true
    /// Whether all blobs of the image are in the store when the build ends. False leaves base and cached layers that no
    /// step has read where they are.
    package var completesImage = true
    /// The rung of the sandbox ladder that RUN steps take; nil for the strongest that works here.
    package var isolation: Isolation?
    /// The weakest rung that RUN steps may take; nil for any.
    package var minimumIsolation: Isolation?
    /// The network of RUN steps that do not choose.
    package var network = NetworkMode.host
    /// What a RUN step may use at most.
    package var limits = StepLimits()
    /// What RUN steps may be entrusted with.
    package var secrets = StepSecrets()
    /// Times of copied files.
    package var copyTime = CopyTime.constant(constantTime)
    /// The newest time that a file of our own layers may have, in seconds since 1970 (SOURCE_DATE_EPOCH).
    package var clampModified: Int64?
    /// The image's `created`, and that of its history entries, in RFC 3339.
    package var created: String
    /// Annotations of the manifest.
    package var annotations: [String: String] = [:]
    /// What the machine lends to RUN steps.
    package var surroundings: StepSurroundings

    /// Options with the defaults above.
    package init(isolation: Isolation?, compressionThreads: Int, created: String, surroundings: StepSurroundings) {
        self.isolation = isolation
        self.compressionThreads = compressionThreads
        self.created = created
        self.surroundings = surroundings
    }
}
