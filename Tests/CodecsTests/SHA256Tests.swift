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
