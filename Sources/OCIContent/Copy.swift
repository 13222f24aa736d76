import LinuxSystem
import OCISpec

/// Copies everything that `root` needs: pull, push, save and load alike.
///
/// Children arrive before what names them, so the target never shows an image that is not whole. Documents are passed
/// on byte for byte. What the target has is skipped; each blob is transferred once.
///
/// - Parameters:
///   - platform: if `root` is an index, only the image for this platform is copied, and its descriptor returned.
///   - concurrency: how many blobs are transferred at a time.
/// - Returns: the descriptor of what was copied, to be tagged at the target.
@discardableResult
public func copy(
    _ root: Descriptor, from source: any BlobSource, to target: any BlobTarget, platform: Platform? = nil,
    concurrency: Int = 4, progress: @escaping @Sendable (TransferEvent) -> Void = { _ in }
) async throws -> Descriptor {
    var root = root
    if let platform, root.mediaType.isIndex {
        root = try await source.manifestDescriptor(in: root, for: platform)
    }
    var walk = GraphWalk(source: source, target: target)
    try await walk.visit(root)
    for blob in walk.skipped { progress(.skipped(blob)) }
    for blob in walk.blobs { progress(.planned(blob)) }
    for document in walk.documents { progress(.planned(document.descriptor)) }

    let width = max(1, concurrency)
    try await forEachConcurrently(walk.blobs, width: width) { blob in
        try await transfer(blob, from: source, to: target, progress)
    }
    // Manifests before the index that names them.
    for height in Set(walk.documents.map(\.height)).sorted() {
        try await forEachConcurrently(walk.documents.filter { $0.height == height }, width: width) { document in
            try await transfer(document.descriptor, from: HeldDocument(bytes: document.bytes), to: target, progress)
        }
    }
    return root
}

private func transfer(
    _ blob: Descriptor, from source: any BlobSource, to target: any BlobTarget,
    _ progress: @escaping @Sendable (TransferEvent) -> Void
) async throws {
    if try await target.contains(blob) {
        progress(.skipped(blob))
        return
    }
    try await target.ingest(blob, from: source) { progress(.progress(blob, completed: $0)) }
    progress(.finished(blob))
}

private func forEachConcurrently<Item: Sendable>(
    _ items: [Item], width: Int, _ body: @escaping @Sendable (Item) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        var rest = items.makeIterator()
        for _ in 0..<width {
            guard let item = rest.next() else { break }
            group.addTask { try await body(item) }
        }
        while try await group.next() != nil {
            if let item = rest.next() {
                group.addTask { try await body(item) }
            }
        }
    }
}

/// A document whose verified bytes are at hand.
private struct HeldDocument: BlobSource {
    let bytes: [UInt8]

    func contains(_ blob: Descriptor) async throws -> Bool { true }

    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await BlockingPool.shared.run { [bytes] in try bytes.withUnsafeBytes(body) }
    }
}
