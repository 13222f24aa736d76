import OCISpec
import Synchronization

extension BlobSource {
    /// The bytes of a small blob, verified.
    public func bytes(of blob: Descriptor, limit: Int = CanonicalJSON.defaultLimit) async throws -> [UInt8] {
        guard blob.size <= Int64(limit) else {
            throw ContentError(
                .documentTooLarge, blob.digest.description,
                "a \(blob.mediaType) of \(blob.size) bytes; at most \(limit) are read into memory")
        }
        let collector = Collector(limit: limit)
        try await stream(blob) { try collector.append($0) }
        return collector.bytes
    }

    /// The manifest that the descriptor names.
    public func manifest(of descriptor: Descriptor) async throws -> ImageManifest {
        try Document.manifest(await bytes(of: descriptor), descriptor)
    }

    /// The index that the descriptor names.
    public func index(of descriptor: Descriptor) async throws -> ImageIndex {
        try Document.index(await bytes(of: descriptor), descriptor)
    }

    /// The image configuration that the descriptor names.
    public func config(of descriptor: Descriptor) async throws -> ImageConfig {
        try Document.decode(ImageConfig.self, from: await bytes(of: descriptor), descriptor)
    }

    /// The image manifest for `platform`: `root` itself if it is a manifest, else the best fit in the index.
    public func manifestDescriptor(in root: Descriptor, for platform: Platform) async throws -> Descriptor {
        var root = root
        for _ in 0..<Document.deepestIndex {
            guard root.mediaType.isIndex else { return root }
            let index = try await index(of: root)
            if let choice = index.manifest(for: platform) {
                root = choice
            } else if index.manifests.count == 1, let only = index.manifests.first, only.platform == nil {
                root = only
            } else {
                let offered = index.manifests.compactMap(\.platform).filter { $0.os != "unknown" }
                throw ContentError(
                    .platformMissing, root.digest.description,
                    "no image for \(platform); there are \(offered.map(\.description).joined(separator: ", "))")
            }
        }
        throw ContentError(.documentInvalid, root.digest.description, "indexes in indexes, too deep to follow")
    }
}

/// Reading of the documents that make up an image.
enum Document {
    /// How many indexes may lie within one another.
    static let deepestIndex = 8

    static func manifest(_ bytes: [UInt8], _ descriptor: Descriptor) throws -> ImageManifest {
        let manifest = try decode(ImageManifest.self, from: bytes, descriptor)
        try agree(manifest.mediaType, descriptor)
        return manifest
    }

    static func index(_ bytes: [UInt8], _ descriptor: Descriptor) throws -> ImageIndex {
        let index = try decode(ImageIndex.self, from: bytes, descriptor)
        try agree(index.mediaType, descriptor)
        return index
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], _ descriptor: Descriptor
    ) throws -> Value {
        do {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            throw ContentError(.documentInvalid, descriptor.digest.description, "\(error)")
        }
    }

    /// A document that calls itself something else than its descriptor does would mean different things to
    /// different readers.
    private static func agree(_ own: MediaType?, _ descriptor: Descriptor) throws {
        guard let own, own != descriptor.mediaType else { return }
        throw ContentError(
            .documentInvalid, descriptor.digest.description,
            "calls itself \(own) but is referred to as \(descriptor.mediaType)")
    }
}

/// Bytes gathered from a stream.
private final class Collector: Sendable {
    private let state = Mutex<[UInt8]>([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func append(_ piece: UnsafeRawBufferPointer) throws {
        try state.withLock { bytes in
            guard bytes.count + piece.count <= limit else {
                throw ContentError(.documentTooLarge, "document", "longer than the \(limit) bytes that it may have")
            }
            bytes.append(contentsOf: piece)
        }
    }

    var bytes: [UInt8] { state.withLock { $0 } }
}
