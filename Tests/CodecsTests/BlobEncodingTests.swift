import Codecs
import LinuxSystem
import Testing

@Suite struct BlobEncodingTests {
    @Test("Encodings are known by their first bytes")
    func magic() throws {
        #expect(try BlobEncoding.sniff(Sample.compressed([1], .default)) == .gzip)
        #expect(try BlobEncoding.sniff(Sample.compressed([1], .zstd)) == .zstd)
        #expect(try BlobEncoding.sniff([0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]) == .zstd)
        #expect(try BlobEncoding.sniff([]) == BlobEncoding.none)
        #expect(try BlobEncoding.sniff([UInt8](repeating: 0, count: 1024)) == BlobEncoding.none)
        #expect(try BlobEncoding.sniff(Array("just text, shorter than a header".utf8)) == nil)
        #expect(try BlobEncoding.sniff([UInt8](repeating: 0x41, count: 512)) == nil)
    }

    @Test("Tars of every age are known by their header's checksum")
    func tars() throws {
        for format in ["v7", "ustar", "gnu", "pax"] {
            let outcome = try Sample.run(
                ["tar", "-cf", "-", "--format=\(format)", "/etc/passwd"], package: "tar", input: [])
            #expect(try BlobEncoding.sniff(outcome.output) == BlobEncoding.none, "\(format)")
        }
    }

    @Test("Formats that no layer may use are refused by name")
    func foreign() {
        let heads: [(String, [UInt8])] = [
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]), ("bzip2", Array("BZh91AY".utf8)),
            ("lz4", [4, 0x22, 0x4D, 0x18]), ("lzip", Array("LZIP".utf8)), ("lzma", [0x5D, 0, 0, 0x80]),
        ]
        for (name, head) in heads {
            let error = #expect(throws: CodecError.self) { _ = try BlobEncoding.sniff(head) }
            #expect(error?.code == .unsupported)
            #expect(error?.description.contains(name) == true)
            #expect(throws: CodecError.self) { _ = try DecompressingReader(sniffing: BytesReader(head)) }
        }
    }
}
