import LinuxSystem
import OCISpec

extension BlobFile {
    private static let pieceSize = 1 << 20

    /// Reads and verifies a blob that lies in `descriptor` at `offset`.
    static func read(
        _ descriptor: borrowing OwnedDescriptor, offset: Int64, _ blob: Descriptor, place: Path,
        remedy: String = "remove that file and run the command again",
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 4096)
        defer { buffer.deallocate() }
        var check = BlobVerifier(blob)
        while check.count < blob.size {
            let wanted = Int(min(Int64(pieceSize), blob.size - check.count))
            let count = try descriptor.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset + check.count)
            if count == 0 { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            check.update(piece)
            try body(piece)
        }
        if offset == 0, check.count == blob.size {
            // A longer file is not the blob either.
            let size = try descriptor.status().size
            guard size == blob.size || place.lastComponent != Path(blob.digest.hex) else {
                throw ContentError(
                    .sizeMismatch, blob.digest.description,
                    "\(place) holds \(size) bytes where \(blob.size) are expected; \(remedy)")
            }
        }
        try check.finish(place: place.description, remedy: remedy)
    }
}
