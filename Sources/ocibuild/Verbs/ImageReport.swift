import OCIContent
import OCISpec

/// What `inspect --json` and friends tell of an image.
struct ImageReport: Encodable {
    /// One layer of it.
    struct Layer: Encodable {
        let digest: Digest
        let mediaType: MediaType
        let size: Int64
        let diffID: Digest?
    }

    let names: [String]
    let digest: Digest
    let mediaType: MediaType
    /// The image's own id, as Docker counts: the digest of its configuration.
    let id: Digest
    let platform: Platform
    let created: String?
    let author: String?
    /// The compressed size of all layers, in bytes.
    let size: Int64
    let config: ContainerConfig?
    let layers: [Layer]
    let history: [History]
    let annotations: [String: String]?

    /// Reads the image at `root`, or the one for `platform` where that is an index.
    init(_ root: Descriptor, in source: any BlobSource, platform: Platform, names: [String]) async throws {
        let descriptor = try await source.manifestDescriptor(in: root, for: platform)
        let manifest = try await source.manifest(of: descriptor)
        let image = try await source.config(of: manifest.config)
        self.names = names
        digest = root.digest
        mediaType = root.mediaType
        id = manifest.config.digest
        self.platform = Platform(os: image.os, architecture: image.architecture, variant: image.variant)
        created = image.created
        author = image.author
        size = manifest.layers.reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
        config = image.config
        let identities = image.rootfs.diffIDs
        layers = manifest.layers.enumerated().map { index, layer in
            Layer(
                digest: layer.digest, mediaType: layer.mediaType, size: layer.size,
                diffID: index < identities.count ? identities[index] : nil)
        }
        history = image.history
        annotations = manifest.annotations
    }

    /// The time of creation as seconds since 1970.
    var createdSeconds: Int64? { created.flatMap { Moment.seconds(parsing: $0) } }
}
