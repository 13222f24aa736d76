import COpenSSL
import OCISpec

/// An incremental SHA-256 by OpenSSL, which uses the processor's SHA instructions where there are any.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer?

    // Fetched once: an implicit fetch in every EVP_DigestInit_ex costs more than hashing a small blob.
    // Written once by the runtime's lazy initialiser and never changed; an EVP_MD may be used by all threads.
    private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

    /// An empty hash.
    package init() {
        context = EVP_MD_CTX_new()
        // Not a matter of input: without it OpenSSL's configuration or memory is broken.
        precondition(EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1, "OpenSSL offers no SHA-256")
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes the next bytes in.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    /// The digest of everything taken in.
    package consuming func finalize() -> Digest { Digest(sha256: finalizeBytes()) }

    /// The 32 bytes of the digest of everything taken in.
    package consuming func finalizeBytes() -> [UInt8] {
        var raw = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &raw, nil)
        return raw
    }
}
