import CSHA256
import Codecs
import LinuxSystem
import OCISpec
import Testing

@Suite struct SHA256Tests {
    static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test("The published vectors hold")
    func vectors() {
        #expect(Digest.sha256(of: Array("abc".utf8)).hex == Self.abc)
        #expect(Digest.sha256(of: []).hex == Self.empty)
        var hasher = SHA256Hasher()
        for _ in 0..<1000 { [UInt8](repeating: 0x61, count: 1000).withUnsafeBytes { hasher.update($0) } }
        #expect(hasher.finalize().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// The digest by the code that works without libcrypto, of pieces of these lengths in turn; the rest by both in turn.
    private static func digest(_ bytes: [UInt8], pieces: [Int], alternating: Bool) -> Digest {
        var context = SHA256_CTX()
        csha256_init(&context)
        bytes.withUnsafeBytes { raw in
            var offset = 0
            var turn = 0
            while offset < raw.count {
                let count = min(pieces[turn % pieces.count], raw.count - offset)
                let place = raw.baseAddress.unsafelyUnwrapped + offset
                if alternating, turn % 2 == 1 {
                    csha256_update(&context, place, count)
                } else {
                    csha256_update_here(&context, place, count)
                }
                offset += count
                turn += 1
            }
        }
        var digest = [UInt8](repeating: 0, count: 32)
        csha256_final(&digest, &context)
        return Digest(sha256: digest)
    }

    @Test("What is hashed without libcrypto has the same digest, in whatever pieces, and either goes on for the other")
    func withoutLibrary() throws {
        let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        // More than enough for libcrypto to be loaded by the hasher itself.
        #expect(Self.digest(bytes, pieces: [1 << 20], alternating: false) == .sha256(of: bytes))
        for length in Array(0...200) + [4095, 4096, 4097, 300_000] {
            let part = Array(bytes[..<length])
            let expected = Digest.sha256(of: part)
            for pieces in [[1 << 20], [1], [63, 1, 64, 65], [55, 9, 128, 7]] where length < 5000 || pieces[0] > 50 {
                #expect(Self.digest(part, pieces: pieces, alternating: false) == expected, "\(length) \(pieces)")
                #expect(Self.digest(part, pieces: pieces, alternating: true) == expected, "\(length) \(pieces)")
            }
        }
    }

    @Test("Readers and writers hash and count what passes them")
    func passing() throws {
        let reader = HashingReader(BytesReader(Array("abc".utf8)))
        try reader.drain()
        #expect(reader.count == 3)
        #expect(reader.finalize().hex == Self.abc)
        #expect(reader.finalize().hex == Self.abc)

        let output = BytesWriter()
        let writer = HashingWriter(output)
        for byte in "abc".utf8 { try writer.write([byte]) }
        #expect(writer.count == 3)
        #expect(writer.finalize().hex == Self.abc)
        #expect(output.bytes == Array("abc".utf8))

        #expect(HashingWriter(nil).finalize().hex == Self.empty)
        #expect(HashingReader(BytesReader([])).finalize().hex == Self.empty)
    }
}
