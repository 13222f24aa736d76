import COpenSSL

/// Ed25519 keys (RFC 8032) out of PEM text: a private key signs and verifies, public ones verify.
///
/// The key itself never leaves this value, and is in no description.
package final class SigningKeys: @unchecked Sendable, CustomStringConvertible {
    // Unchecked: OpenSSL's keys may be used by several threads at once as long as nobody changes them, and nobody does.
    private let signer: OpaquePointer?
    private let verifiers: [OpaquePointer]

    /// Reads every key of a text of PEM blocks, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`
    /// write them. The first private key signs; what any of the keys signed is accepted, so that keys can be replaced
    /// one after the other.
    package init(pem: [UInt8]) throws(CodecError) {
        var signer: OpaquePointer?
        var verifiers: [OpaquePointer] = []
        func refuse(_ detail: String) -> CodecError {
            for key in verifiers { EVP_PKEY_free(key) }
            return CodecError(.unsupported, detail)
        }
        for block in Self.blocks(of: pem) {
            let isPrivate = block.label.hasSuffix("PRIVATE KEY")
            guard isPrivate || block.label == "PUBLIC KEY" else {
                throw refuse("it holds a PEM block \"\(block.label)\", which is no private or public key")
            }
            guard let key = Self.key(block.text, isPrivate: isPrivate) else {
                throw refuse(
                    block.label.contains("ENCRYPTED")
                        ? "its private key is encrypted: decrypt it with \"openssl pkey -in FILE -out FILE\""
                        : "OpenSSL cannot read its block \"\(block.label)\"")
            }
            guard EVP_PKEY_is_a(key, "ED25519") == 1 else {
                EVP_PKEY_free(key)
                throw refuse("its key is none for Ed25519: make one with \"openssl genpkey -algorithm ed25519\"")
            }
            verifiers.append(key)
            if isPrivate, signer == nil { signer = key }
        }
        guard !verifiers.isEmpty else {
            throw refuse("it holds no key in PEM form: make one with \"openssl genpkey -algorithm ed25519\"")
        }
        self.signer = signer
        self.verifiers = verifiers
    }

    deinit {
        for key in verifiers { EVP_PKEY_free(key) }
    }

    /// Whether there is a private key among them.
    package var canSign: Bool { signer != nil }

    /// How many keys there are, and whether they sign.
    package var description: String {
        "\(verifiers.count) Ed25519 \(verifiers.count == 1 ? "key" : "keys")\(canSign ? ", one of them private" : "")"
    }

    /// The signature of a message, 64 bytes; nil where there is no private key.
    package func sign(_ message: [UInt8]) throws(CodecError) -> [UInt8]? {
        guard let signer else { return nil }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var length = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, signer) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1, length == signature.count
        else {
            ERR_clear_error()
            throw CodecError(.library, "OpenSSL could not sign with the Ed25519 key")
        }
        return signature
    }

    /// Whether one of the keys made this signature of the message.
    package func verifies(_ message: [UInt8], signature: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        defer { ERR_clear_error() }
        return verifiers.contains { key in
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }

    // MARK: PEM

    private static func key(_ text: [UInt8], isPrivate: Bool) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return text.withUnsafeBytes { bytes in
            guard let memory = BIO_new_mem_buf(bytes.baseAddress, CInt(bytes.count)) else { return nil }
            defer { BIO_free(memory) }
            // An empty passphrase, so that nobody is asked for one.
            var passphrase: [CChar] = [0]
            return isPrivate
                ? PEM_read_bio_PrivateKey(memory, nil, nil, &passphrase) : PEM_read_bio_PUBKEY(memory, nil, nil, nil)
        }
    }

    private static func blocks(of pem: [UInt8]) -> [(label: String, text: [UInt8])] {
        var blocks: [(String, [UInt8])] = []
        var label: String?
        var text: [UInt8] = []
        for line in pem.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let words = String(decoding: line, as: UTF8.self)
            if words.hasPrefix("-----BEGIN "), words.hasSuffix("-----") {
                label = String(words.dropFirst(11).dropLast(5))
                text = []
            }
            guard let open = label else { continue }
            text += line + [10]
            if words == "-----END \(open)-----" {
                blocks.append((open, text))
                label = nil
            }
        }
        return blocks
    }
}
