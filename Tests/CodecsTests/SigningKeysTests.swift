import LinuxSystem
import Testing

@testable import Codecs

@Suite("Signing keys")
struct SigningKeysTests {
    /// Test 2 of RFC 8032, section 7.1, as the PEM files that OpenSSL writes of it.
    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
        -----END PRIVATE KEY-----

        """

    private func openssl(_ arguments: String, input: String = "") throws -> [UInt8] {
        let outcome = try ChildProcess.run(
            ["/bin/sh", "-c", "printf %s \"$1\" | openssl \(arguments)", "sh", input])
        try #require(outcome.status == 0, "the package openssl: \(String(decoding: outcome.error, as: UTF8.self))")
        return outcome.output
    }

    @Test("what OpenSSL's own command made is read; a public key checks what the private one signed")
    func roundTrip() throws {
        let pem = try openssl("genpkey -algorithm ed25519")
        let publicPEM = try openssl("pkey -pubout", input: String(decoding: pem, as: UTF8.self))
        let signer = try SigningKeys(pem: pem)
        let verifier = try SigningKeys(pem: publicPEM)
        #expect(signer.canSign)
        #expect(!verifier.canSign)
        #expect(try verifier.sign([1]) == nil)
        let message = Array("a message".utf8)
        var signature = try #require(try signer.sign(message))
        #expect(signature.count == 64)
        #expect(signer.verifies(message, signature: signature))
        #expect(verifier.verifies(message, signature: signature))
        #expect(!verifier.verifies(message + [0], signature: signature))
        #expect(!verifier.verifies(message, signature: Array(signature.dropLast())))
        #expect(!verifier.verifies(message, signature: []))
        signature[10] ^= 1
        #expect(!verifier.verifies(message, signature: signature))
        #expect(!"\(signer)".contains("BEGIN"))
    }

    @Test("a signature is the one that RFC 8032 has")
    func vector() throws {
        let keys = try SigningKeys(pem: Array(Self.privateKey.utf8))
        let signature = try #require(try keys.sign([0x72]))
        let hex = signature.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(
            hex == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    }

    @Test("of several keys all verify, so that they can be replaced")
    func rotation() throws {
        let old = try openssl("genpkey -algorithm ed25519")
        let new = try openssl("genpkey -algorithm ed25519")
        let both = try SigningKeys(pem: new + old)
        let signature = try #require(try SigningKeys(pem: old).sign([7]))
        #expect(both.verifies([7], signature: signature))
        #expect(try both.sign([7]) == SigningKeys(pem: new).sign([7]))
        let other = try SigningKeys(pem: new)
        #expect(!other.verifies([7], signature: signature))
    }

    @Test("what is no key for Ed25519 is refused with what to do")
    func refused() throws {
        let cases: [(name: String, pem: [UInt8], says: String)] = [
            ("nothing", [], "genpkey -algorithm ed25519"),
            ("text", Array("hello".utf8), "holds no key"),
            ("RSA", try openssl("genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024"), "none for Ed25519"),
            (
                "encrypted", try openssl("genpkey -algorithm ed25519 -aes256 -pass pass:secret"),
                "its private key is encrypted"
            ),
            (
                "torn", Array(Self.privateKey.utf8.prefix(60)) + Array("\n-----END PRIVATE KEY-----\n".utf8),
                "cannot read"
            ),
            ("a certificate", Array("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".utf8), "CERTIFICATE"),
        ]
        for (name, pem, says) in cases {
            let error = #expect(throws: CodecError.self, "\(name)") { try SigningKeys(pem: pem) }
            #expect(error?.detail.contains(says) == true, "\(name): \(error?.detail ?? "")")
        }
    }
}
