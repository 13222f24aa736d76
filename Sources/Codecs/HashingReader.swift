import LinuxSystem
import OCISpec

/// Passes a stream on and takes the SHA-256 of what went by.
package final class HashingReader: ByteReader {
    private let source: any ByteReader
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var digest: Digest?
    /// Bytes read so far.
    package private(set) var count: Int64 = 0

    /// Reads from `source`.
    package init(_ source: any ByteReader) {
        self.source = source
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let length = try source.read(into: buffer)
        if length > 0 {
            hasher?.update(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            count += Int64(length)
        }
        return length
    }

    /// Reads the rest of the stream and throws the bytes away, so that the digest covers all of it.
    package func drain() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while try read(into: buffer) > 0 {}
    }

    /// The digest of the bytes read so far; later reads are no longer counted in.
    package func finalize() -> Digest {
        if let hasher = hasher.take() { digest = hasher.finalize() }
        return digest ?? Digest.sha256(of: [])
    }
}
