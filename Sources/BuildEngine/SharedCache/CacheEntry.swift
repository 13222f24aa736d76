import Codecs
import OCIContent
import OCISpec

/// What a shared cache says of one step, or of one layer: the text that is signed, and that stands in the entry's
/// manifest.
package struct CacheEntry: Codable, Hashable, Sendable {
    /// The version of what the fields mean; an entry of another is none.
    static let currentVersion = 1

    /// A blob of the entry.
    package struct Blob: Codable, Hashable, Sendable {
        package var mediaType: MediaType
        package var digest: Digest
        package var size: Int64

        init(_ descriptor: Descriptor) {
            mediaType = descriptor.mediaType
            digest = descriptor.digest
            size = descriptor.size
        }

        /// The blob as the store knows it.
        package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }
    }

    /// A step, as the cache knows it.
    package struct Step: Codable, Hashable, Sendable {
        /// The step's key.
        package var key: String
        /// The codec of the layer's blob.
        package var codec: String
        /// The stack of layers that the step ran on.
        package var parent: String
        /// The stacks that it took files from, where it did.
        package var source: String?
        /// Length of the layer's tar in bytes; 0 where the step changed nothing.
        package var uncompressedSize: Int64
        /// The layer's blob; nil where the step changed nothing.
        package var layer: Blob?
    }

    package var version = currentVersion
    /// The step that made the layer; nil for a layer that came with a base image.
    package var step: Step?
    /// The layer's uncompressed digest; nil where the step changed nothing.
    package var diffID: Digest?
    /// The layer that holds the shape of the layer: see `TableOfContents.shape`.
    package var shape: Blob?
    /// When the entry was made, in seconds since 1970.
    package var created: Int64

    /// The tag under which a step's entry is kept. The codec is part of it, for builders with different ones would
    /// otherwise take turns in replacing each other's entries.
    static func tag(step key: StepKey, codec: String) -> String {
        var builder = StepKey.Builder("shared cache step 1")
        builder.add(key.hex)
        builder.add(codec)
        return "\(tagPrefix)\(builder.finish().hex)"
    }

    /// The tag under which the shape of a layer is kept.
    static func tag(layer diffID: Digest) -> String { "\(tagPrefix)layer-\(diffID.hex)" }

    /// What all tags of a cache begin with, so that a repository may hold images beside it.
    package static let tagPrefix = "ocibuild-"

    /// The tag that this entry belongs under.
    var tag: String {
        if let step { return Self.tag(step: StepKey(hex: step.key), codec: step.codec) }
        return diffID.map(Self.tag(layer:)) ?? Self.tagPrefix
    }

    /// The record of the step, as the store keeps it.
    var record: StepRecord? {
        guard let step else { return nil }
        var layer: StepRecord.Layer?
        if let diffID, let blob = step.layer {
            layer = StepRecord.Layer(
                diffID: diffID, uncompressedSize: step.uncompressedSize, variants: [step.codec: blob.descriptor])
        }
        return StepRecord(parent: step.parent, source: step.source, layer: layer)
    }

    /// Whether two entries say the same of the same step or layer, whenever they were made.
    func agrees(with other: CacheEntry) -> Bool {
        var other = other
        other.created = created
        return self == other
    }
}

/// Why an entry of a shared cache is not used.
package struct CacheRefusal: Error, Sendable, CustomStringConvertible {
    /// What kind of reason.
    package enum Reason: Sendable {
        /// It is no entry, or contradicts itself or its tag.
        case invalid
        /// None of the keys in use signed it.
        case unsigned
    }

    package let reason: Reason
    /// The tag.
    package let subject: String
    /// What is wrong with it.
    package let message: String

    package var description: String { "\(subject): \(message)" }
}
