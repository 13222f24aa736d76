import LinuxSystem
import OCISpec

extension LayoutDirectory {
    /// Reads and verifies a blob on the blocking pool.
    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await CancellableWork.run { check in
            try read(blob) { piece in
                try check()
                try body(piece)
            }
        }
    }

    /// Brings a blob here unless it is here.
    func ingest(
        _ blob: Descriptor, from source: any BlobSource, arrival: BlobArrival? = nil,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let isHere = try await BlockingPool.shared.run {
            guard try contains(blob) else { return false }
            // It is in use again: a collector that counts age must see that.
            try FileSystem.setModified(blobPath(blob.digest), .now)
            return true
        }
        if isHere { return }
        let ingest = try await BlockingPool.shared.run { try BlobIngest(self, arrival: arrival) }
        try await source.stream(blob) { piece in
            try ingest.write(piece)
            progress(ingest.count)
        }
        _ = try await BlockingPool.shared.run {
            try ingest.commit(mediaType: blob.mediaType, expecting: blob)
        }
    }
}
