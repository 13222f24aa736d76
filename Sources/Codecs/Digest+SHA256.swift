import OCISpec

extension Digest {
    /// The SHA-256 digest of bytes in memory.
    package static func sha256(of bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { sha256(of: $0) }
    }

    /// The SHA-256 digest of bytes in memory.
    package static func sha256(of bytes: UnsafeRawBufferPointer) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finalize()
    }
}
