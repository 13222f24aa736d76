import CSHA256
import OCISpec

/// An incremental SHA-256; of more than little by OpenSSL, which uses the processor's SHA instructions where there are any.
package struct SHA256Hasher: ~Copyable {
    private var context = SHA256_CTX()

    /// An empty hash.
    package init() { csha256_init(&context) }

    /// Takes the next bytes in.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        csha256_update(&context, base, bytes.count)
    }

    /// The digest of everything taken in.
    package consuming func finalize() -> Digest { Digest(sha256: finalizeBytes()) }

    /// The 32 bytes of the digest of everything taken in.
    package consuming func finalizeBytes() -> [UInt8] {
        var context = context
        return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
            csha256_final(buffer.baseAddress, &context)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }
}
