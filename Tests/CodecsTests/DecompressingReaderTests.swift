import Codecs
import LinuxSystem
import Testing

@Suite struct DecompressingReaderTests {
    /// Three members, the last one empty, of a few hundred bytes altogether.
    static func members(_ compression: Compression) throws -> (blob: [UInt8], content: [UInt8]) {
        let parts = [Sample.bytes(300), Sample.bytes(90, seed: 3), []]
        let blob = try parts.flatMap { try Sample.compressed($0, compression) }
        return (blob, parts.flatMap { $0 })
    }

    static let codecs: [Compression] = [.fast, .default, .zlib, .zstd]

    @Test("Members one after another are one stream, however it is cut", arguments: codecs)
    func multiMember(_ compression: Compression) throws {
        let (blob, content) = try Self.members(compression)
        for step in [1, 2, 7, 64, 4096] {
            for sourceStep in [1, 3, 17, .max] {
                let read = try Sample.decompressed(blob, compression.encoding, reading: step, sourceStep: sourceStep)
                #expect(read == content)
            }
        }
    }

    @Test("A stream cut at any byte is refused, except between members", arguments: codecs)
    func truncation(_ compression: Compression) throws {
        let parts = [Sample.bytes(300), Sample.bytes(90, seed: 3), []]
        let members = try parts.map { try Sample.compressed($0, compression) }
        let blob = members.flatMap { $0 }
        let edges = [members[0].count, members[0].count + members[1].count]
        for end in 0..<blob.count where !edges.contains(end) {
            #expect(throws: CodecError.self, "cut at \(end) of \(blob.count)") {
                _ = try Sample.decompressed(Array(blob[..<end]), compression.encoding)
            }
        }
        for end in edges { _ = try Sample.decompressed(Array(blob[..<end]), compression.encoding) }
    }

    @Test("No flipped bit changes the content unnoticed", arguments: codecs)
    func bitFlips(_ compression: Compression) throws {
        let (blob, content) = try Self.members(compression)
        var unnoticed = 0
        for place in 0..<blob.count {
            for bit in 0..<8 {
                var damaged = blob
                damaged[place] ^= 1 << bit
                if let read = try? Sample.decompressed(damaged, compression.encoding) {
                    unnoticed += 1
                    #expect(read == content, "bit \(bit) of byte \(place) changed the content unnoticed")
                }
            }
        }
        // In a gzip member the time, hints and system, the flag that the content is text, and the bits that fill up
        // the last deflate byte say nothing about the content.
        #expect(unnoticed <= 3 * (6 * 8 + 1 + 7))
    }

    @Test("Zero padding after the last gzip member is nothing")
    func zeroPadding() throws {
        let (blob, content) = try Self.members(.default)
        for count in [1, 511, 512, 300_000] {
            let padded = blob + [UInt8](repeating: 0, count: count)
            let isWhole = try Sample.decompressed(padded, .gzip) == content
            #expect(isWhole)
            #expect(throws: CodecError.self) { _ = try Sample.decompressed(padded + [1], .gzip) }
        }
        let error = #expect(throws: CodecError.self) { _ = try Sample.decompressed(blob + [0, 0, 5], .gzip) }
        #expect(error?.code == .trailingBytes)
        #expect(error?.offset == Int64(blob.count + 2))
    }

    @Test("Anything else after the end is refused", arguments: codecs)
    func trailingBytes(_ compression: Compression) throws {
        let (blob, _) = try Self.members(compression)
        for garbage: [UInt8] in [[1], [0x1F], [0x1F, 0x8B], Array("trailing garbage".utf8), [0x28, 0xB5, 0x2F]] {
            #expect(throws: CodecError.self, "\(garbage)") {
                _ = try Sample.decompressed(blob + garbage, compression.encoding)
            }
        }
    }

    @Test("A wrong CRC or length is a checksum error")
    func trailer() throws {
        let blob = try Sample.compressed(Sample.bytes(5000), .default)
        for place in 1...8 {
            var damaged = blob
            damaged[damaged.count - place] ^= 0x10
            let error = #expect(throws: CodecError.self) { _ = try Sample.decompressed(damaged, .gzip) }
            #expect(error?.code == .checksum)
        }
    }

    @Test("gzip headers with name, comment, extra field and header CRC are read")
    func richHeader() throws {
        let plain = try Sample.compressed(Sample.bytes(1000), .default)
        var header: [UInt8] = [0x1F, 0x8B, 8, 0b1_1100, 1, 2, 3, 4, 2, 3]
        header += [4, 0, 0x41, 0x70, 0, 0] + Array("name".utf8) + [0] + Array("comment".utf8) + [0]
        for step in [1, 5, .max] {
            let read = try Sample.decompressed(header + plain[10...], .gzip, sourceStep: step)
            #expect(read == Sample.bytes(1000))
        }

        var checked = header
        checked[3] |= 2
        let checksum = Self.crc32(checked)
        let stated = [UInt8(truncatingIfNeeded: checksum), UInt8(truncatingIfNeeded: checksum >> 8)]
        #expect(try Sample.decompressed(checked + stated + plain[10...], .gzip) == Sample.bytes(1000))
        let wrong = [stated[0] ^ 1, stated[1]]
        #expect(throws: CodecError.self) { _ = try Sample.decompressed(checked + wrong + plain[10...], .gzip) }
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }

    @Test("What other tools write is read")
    func foreignWriters() throws {
        let bytes = Sample.bytes(700_000, seed: 9)
        let writers: [(arguments: [String], package: String, encoding: BlobEncoding)] = [
            (["gzip", "-9"], "gzip", .gzip), (["gzip", "-1"], "gzip", .gzip), (["pigz", "-p", "4"], "pigz", .gzip),
            (["igzip", "-3", "-c"], "isal", .gzip), (["zstd", "-19", "-c"], "zstd", .zstd),
            (["zstd", "-1", "--no-check", "-c"], "zstd", .zstd),
        ]
        for writer in writers {
            let outcome = try Sample.run(writer.arguments, package: writer.package, input: bytes)
            #expect(outcome.status == 0)
            let reader = try DecompressingReader(sniffing: DrippingReader(outcome.output, step: 1000))
            #expect(reader.encoding == writer.encoding)
            let isWhole = try Sample.drained(reader) == bytes
            #expect(isWhole)
            #expect(reader.compressedOffset == Int64(outcome.output.count))
        }
    }

    @Test("A zstd window over 128 MiB is refused rather than allocated")
    func windowLimit() {
        // A frame header with a window of 2 GiB: descriptor without single segment, window byte 0xA8 (exponent 21).
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x01, 0x00, 0x00]
        let error = #expect(throws: CodecError.self) { _ = try Sample.decompressed(frame, .zstd) }
        #expect(error?.code == .unsupported)
    }

    @Test("Skippable zstd frames are skipped, at both ends")
    func skippableFrames() throws {
        let skippable: [UInt8] = [0x5E, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]
        let frame = try Sample.compressed(Sample.bytes(1000), .zstd)
        #expect(try Sample.decompressed(skippable + frame + skippable, .zstd) == Sample.bytes(1000))
        #expect(throws: CodecError.self) { _ = try Sample.decompressed(frame + skippable.dropLast(), .zstd) }
    }

    @Test("A stream is held to its label")
    func mislabelled() throws {
        let gzip = try Sample.compressed(Sample.bytes(1000), .default)
        let zstd = try Sample.compressed(Sample.bytes(1000), .zstd)
        let first = #expect(throws: CodecError.self) { _ = try Sample.decompressed(zstd, .gzip) }
        #expect(first?.code == .mislabelled)
        let second = #expect(throws: CodecError.self) { _ = try Sample.decompressed(gzip, .zstd) }
        #expect(second?.code == .mislabelled)
        for encoding in [BlobEncoding.gzip, .zstd] {
            #expect(throws: CodecError.self) { _ = try Sample.decompressed([], encoding) }
        }
    }

    @Test("The source is read to its end, so that its digest covers all of it")
    func drained() throws {
        let blob = try Sample.compressed(Sample.bytes(1000), .default) + [UInt8](repeating: 0, count: 500_000)
        let source = DrippingReader(blob, step: 4096)
        _ = try Sample.drained(DecompressingReader(source, encoding: .gzip))
        #expect(source.isDrained)
    }
}
