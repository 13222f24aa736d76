import Codecs
import LinuxSystem
import Testing

/// What is stored instead of compressed, and what must not be.
@Suite struct PieceProbeTests {
    private static let piece = Compression.default.pieceSize

    private static func isNoise(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { PieceProbe.isNoise($0) } }

    @Test("Random bytes are stored, whatever the compression", arguments: [Compression.fast, .default, .best])
    func stored(_ compression: Compression) throws {
        let noise = Sample.noise(Self.piece)
        #expect(Self.isNoise(noise))
        let blob = try Sample.compressed(noise, compression)
        // Five bytes for each 65,535, and the frame.
        #expect(blob.count == noise.count + 17 * 5 + 18)
        #expect(blob[10] == 0, "a deflate block that is not the last, and stored")
        let isWhole = try ReferenceInflate.members(blob) == noise
        #expect(isWhole, "zlib reads other content")
        let isWholeHere = try Sample.decompressed(blob, .gzip) == noise
        #expect(isWholeHere)
    }

    @Test("Of each size from the smallest that is looked at", arguments: [65_536, 65_537, 65_535 * 2, 70_001, 1 << 20])
    func sizes(_ size: Int) throws {
        let noise = Sample.noise(size, seed: 9)
        #expect(Self.isNoise(noise))
        #expect(!Self.isNoise(Array(noise.prefix(65_535))), "the codec sees to the small ones by itself")
        let blob = try Sample.compressed(noise, .default)
        let isWhole = try ReferenceInflate.members(blob) == noise
        #expect(isWhole)
    }

    @Test("Compressed data is noise; what it was is not")
    func compressed() throws {
        let code = try FileByteReader("/proc/self/exe", length: 8 << 20).readAll(limit: 8 << 20)
        let packed = try Sample.run(["xz", "-0", "-c"], package: "xz-utils", input: code).output
        #expect(Self.isNoise(Array(packed.dropFirst(64 << 10).prefix(Self.piece))))
        for start in stride(from: 0, to: code.count - Self.piece, by: Self.piece) {
            #expect(!Self.isNoise(Array(code[start..<start + Self.piece])), "the piece at \(start)")
        }
    }

    @Test("What a dictionary or a Huffman code could use is compressed")
    func useful() {
        let noise = Sample.noise(Self.piece, seed: 21)
        #expect(!Self.isNoise(Sample.text(400_000, seed: 11)))
        #expect(!Self.isNoise([UInt8](repeating: 7, count: Self.piece)))
        #expect(!Self.isNoise(noise.map { $0 & 0x7F }), "seven bits of eight")
        #expect(!Self.isNoise(noise.enumerated().map { $0 % 4 == 3 ? 0x3F : $1 }), "floating-point numbers")
        // All byte values equally often, and yet the same again and again.
        #expect(!Self.isNoise((0..<Self.piece).map { UInt8(truncatingIfNeeded: $0) }))
        #expect(!Self.isNoise((0..<Self.piece).map { noise[$0 % 300] }))
        #expect(!Self.isNoise((0..<Self.piece).map { noise[$0 % 20_000] }))
        // Beyond the window nothing can be saved.
        #expect(Self.isNoise((0..<Self.piece).map { noise[$0 % 40_000] }))
    }

    @Test("A stretch of text in noise is seen wherever it lies", arguments: [0, 3_000, 500_000, 1_000_000])
    func islands(_ place: Int) {
        var bytes = Sample.noise(Self.piece, seed: 31)
        bytes.replaceSubrange(place..<place + 32_768, with: Sample.text(400_000, seed: 11)[..<32_768])
        #expect(!Self.isNoise(bytes))
    }
}
