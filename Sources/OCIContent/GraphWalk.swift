import OCISpec

/// Finds all that an image consists of, for a copy.
struct GraphWalk {
    /// A manifest or index with its bytes.
    struct DocumentNode: Sendable {
        let descriptor: Descriptor
        let bytes: [UInt8]
        /// 0 for an image manifest; one more than its highest child for an index.
        let height: Int
    }

    /// The most bytes of documents of one image, which are all held in memory: real indexes have some hundred KiB.
    private static let longestDocuments = 64 << 20

    private let source: any BlobSource
    private let target: any BlobTarget
    /// Configurations, layers and whatever else names nothing, in the order they were met.
    private(set) var blobs: [Descriptor] = []
    /// Manifests and indexes.
    private(set) var documents: [DocumentNode] = []
    /// What needs no transfer and no question to the target.
    private(set) var skipped: [Descriptor] = []
    private var seen: Set<Digest> = []
    private var heights: [Digest: Int] = [:]
    private var documentBytes = 0

    init(source: any BlobSource, target: any BlobTarget) {
        self.source = source
        self.target = target
    }

    /// Visits a node and what is below it, each once; returns its height.
    @discardableResult
    mutating func visit(_ node: Descriptor, depth: Int = 0) async throws -> Int {
        guard node.mediaType.isIndex || node.mediaType.isManifest else {
            try await visitBlob(node)
            return 0
        }
        guard depth <= Document.deepestIndex else {
            throw ContentError(.documentInvalid, node.digest.description, "indexes in indexes, too deep to follow")
        }
        if let height = heights[node.digest] { return height }
        let isThere = try await target.contains(node)
        if isThere, target.keepsImagesWhole {
            heights[node.digest] = 0
            skipped.append(node)
            return 0
        }
        let bytes = try await document(node, isThere: isThere)
        documentBytes += bytes.count
        guard documentBytes <= Self.longestDocuments else {
            throw ContentError(
                .documentTooLarge, node.digest.description,
                "the manifests of this image have more than \(Self.longestDocuments >> 20) MiB; choose one platform of it"
            )
        }
        var height = 0
        if node.mediaType.isIndex {
            for child in try Document.index(bytes, node).manifests {
                height = max(height, try await visit(child, depth: depth + 1) + 1)
            }
        } else {
            let manifest = try Document.manifest(bytes, node)
            for blob in [manifest.config] + manifest.layers {
                try await visitBlob(blob)
            }
        }
        heights[node.digest] = height
        documents.append(DocumentNode(descriptor: node, bytes: bytes, height: height))
        return height
    }

    /// The target's own copy is nearer, unless it cannot be read.
    private func document(_ node: Descriptor, isThere: Bool) async throws -> [UInt8] {
        if isThere, let bytes = try? await target.bytes(of: node) { return bytes }
        return try await source.bytes(of: node)
    }

    private mutating func visitBlob(_ blob: Descriptor) async throws {
        guard blob.mediaType != .dockerManifestV1 else {
            throw ContentError(
                .documentInvalid, blob.digest.description,
                "a Docker manifest of schema 1, which is no longer supported; push the image again with a current tool")
        }
        guard seen.insert(blob.digest).inserted else { return }
        let isForeign = blob.mediaType.isForeignLayer || blob.urls?.isEmpty == false
        if isForeign, try await !source.contains(blob) {
            skipped.append(blob)
        } else {
            blobs.append(blob)
        }
    }
}
