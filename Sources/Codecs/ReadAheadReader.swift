import LinuxSystem
import OCISpec

/// Reads a stream ahead of whoever uses it, on a thread of its own, and takes the SHA-256 of it on another: so
/// decompressing, hashing and using the bytes overlap. Memory is bounded by ``ReadAheadRing``.
///
/// A stream that ends within one piece, and any stream on a machine with one processor, is read and hashed by the thread
/// that uses it. The bytes, and the place among them where an error shows, are the same either way.
package final class ReadAheadReader: ByteReader {
    private let ring: ReadAheadRing
    private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isAtEnd = false

    /// Will read `source`, which nobody else may use from here on.
    package init(_ source: any ByteReader, threaded: Bool = Processors.count > 1) {
        ring = ReadAheadRing(source, threaded: threaded)
    }

    deinit { ring.stop() }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if piece.isEmpty {
            guard buffer.count > 0, !isAtEnd else { return 0 }
            piece = try ring.next()
            isAtEnd = piece.isEmpty
        }
        let count = min(buffer.count, piece.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        piece = UnsafeRawBufferPointer(rebasing: piece[count...])
        return count
    }

    /// Reads what is left, and gives the digest of the whole stream.
    package func finish() throws -> Digest {
        while !isAtEnd { isAtEnd = try ring.next().isEmpty }
        piece = UnsafeRawBufferPointer(start: nil, count: 0)
        return ring.digest()
    }
}
