import OCISpec

/// A place that blobs can be brought to.
public protocol BlobTarget: BlobSource {
    /// Whether an image manifest that is here has all its blobs here too, as in a registry, which refuses others.
    /// Then a copy stops at a manifest that it finds.
    var keepsImagesWhole: Bool { get }

    /// Brings the blob here; nothing to do if it is here already. It is visible only after size and digest were
    /// verified. `progress` is told how many bytes have arrived in all.
    func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws
}

extension BlobTarget {
    /// Most places take any blob in any order.
    public var keepsImagesWhole: Bool { false }

    /// Brings the blob here without telling anybody of the progress.
    public func ingest(_ blob: Descriptor, from source: any BlobSource) async throws {
        try await ingest(blob, from: source, progress: { _ in })
    }
}

/// A place that gives names to manifests and indexes.
public protocol ReferenceStore: Sendable {
    /// The manifest or index of that name; throws if there is none.
    func resolve(_ reference: Reference) async throws -> Descriptor

    /// Gives the manifest or index a name, which it takes from whatever had it before.
    func tag(_ manifest: Descriptor, as reference: Reference) async throws
}

/// A place that keeps images: blobs and their names.
public typealias ContentStore = BlobTarget & ReferenceStore
