import Codecs
import LinuxSystem
import OCISpec
import Synchronization

/// Images in memory, for tests and for small things on their way elsewhere.
public final class MemoryStore: ContentStore {
    private struct State {
        var blobs: [Digest: [UInt8]] = [:]
        var names: [Reference: Descriptor] = [:]
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    /// Adds bytes and returns their descriptor.
    @discardableResult
    public func put(_ bytes: [UInt8], mediaType: MediaType) -> Descriptor {
        let descriptor = Descriptor(mediaType: mediaType, digest: .sha256(of: bytes), size: Int64(bytes.count))
        insert(bytes, as: descriptor)
        return descriptor
    }

    /// Adds bytes under a name that was verified before, or will be when they are read.
    func insert(_ bytes: [UInt8], as descriptor: Descriptor) {
        state.withLock { $0.blobs[descriptor.digest] = bytes }
    }

    /// All names, sorted.
    public var references: [Reference] { state.withLock { $0.names.keys.sorted() } }

    /// All blobs, sorted.
    public var digests: [Digest] { state.withLock { $0.blobs.keys.sorted() } }

    /// As `BlobSource` says.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        state.withLock { $0.blobs[blob.digest] != nil }
    }

    /// As `BlobSource` says.
    public func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        guard let bytes = state.withLock({ $0.blobs[blob.digest] }) else {
            throw ContentError(.blobMissing, blob.digest.description, "is not in this store")
        }
        try await BlockingPool.shared.run {
            var check = BlobVerifier(blob)
            try bytes.withUnsafeBytes { whole in
                var offset = 0
                while offset < whole.count {
                    let piece = UnsafeRawBufferPointer(rebasing: whole[offset..<min(offset + (1 << 20), whole.count)])
                    check.update(piece)
                    try body(piece)
                    offset += piece.count
                }
            }
            try check.finish(place: "memory", remedy: "it was put in under a wrong name")
        }
    }

    /// As `BlobTarget` says.
    public func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        if try await contains(blob) { return }
        let bytes = try await source.bytes(of: blob, limit: .max)
        // The source has verified them; a source that did not is caught here.
        guard Digest.sha256(of: bytes) == blob.digest else {
            throw ContentError(.digestMismatch, blob.digest.description, "the bytes that arrived have another digest")
        }
        progress(Int64(bytes.count))
        insert(bytes, as: blob)
    }

    /// As `ReferenceStore` says.
    public func resolve(_ reference: Reference) async throws -> Descriptor {
        let reference = reference.withDefaultTag()
        let found = state.withLock { state in
            state.names[reference]
                ?? state.names.first { name, descriptor in
                    name.name == reference.name && descriptor.digest == reference.digest
                }?.value
        }
        guard let found else {
            throw ContentError(.imageMissing, reference.familiar, "no such image in memory")
        }
        return found
    }

    /// As `ReferenceStore` says.
    public func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        state.withLock { $0.names[reference.withDefaultTag()] = manifest }
    }
}
