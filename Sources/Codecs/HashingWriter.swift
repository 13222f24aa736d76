import LinuxSystem
import OCISpec

/// Takes the SHA-256 of what is written and passes it on.
package final class HashingWriter: ByteWriter {
    private let next: (any ByteWriter)?
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var digest: Digest?
    /// Bytes written so far.
    package private(set) var count: Int64 = 0

    /// Writes on to `next`; with nil it only hashes and counts.
    package init(_ next: (any ByteWriter)?) {
        self.next = next
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        hasher?.update(bytes)
        count += Int64(bytes.count)
        try next?.write(bytes)
    }

    /// The digest of the bytes written so far; later ones are no longer counted in.
    package func finalize() -> Digest {
        if let hasher = hasher.take() { digest = hasher.finalize() }
        return digest ?? Digest.sha256(of: [])
    }
}
