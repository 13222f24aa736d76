import LinuxSystem
import Testing

@testable import Codecs

@Suite("ISA-L's deflate, which passes noise by")
struct ISALDeflaterTests {
    private static let segment = PieceProbe.segmentSize

    private static func deflated(_ bytes: [UInt8], _ deflater: ISALDeflater) -> [UInt8] {
        var output = [UInt8](repeating: 0xEE, count: bytes.count + bytes.count >> 6 + 4096)
        let size = bytes.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { deflater.deflate(input, into: $0) }
        }
        return Array(output[..<size])
    }

    /// Segments of text (t), noise (n) and zeros (z), and half a segment of noise (h).
    private static func bytes(_ kinds: String) -> [UInt8] {
        kinds.enumerated().flatMap { number, kind -> [UInt8] in
            switch kind {
            case "t": Sample.text(segment, seed: UInt64(number) + 1)
            case "n": Sample.noise(segment, seed: UInt64(number) + 1)
            case "z": [UInt8](repeating: 0, count: segment)
            default: Sample.noise(segment / 2, seed: UInt64(number) + 1)
            }
        }
    }

    @Test(
        "What is stored between the rest, wherever it lies, is read by every reader",
        arguments: ["tnt", "ntn", "tttnnntttnntnntt", "nt", "tn", "th", "znz", "zzn", "ntttttttttttttth", "nnnnh", "t"])
    func mixtures(_ kinds: String) throws {
        let bytes = Self.bytes(kinds)
        let blob = try Sample.compressed(bytes, .fast)
        let isWhole = try ReferenceInflate.members(blob) == bytes
        #expect(isWhole)
        let isWholeHere = try Sample.decompressed(blob, .gzip) == bytes
        #expect(isWholeHere)
        let outcome = try Sample.run(["gzip", "-dc"], package: "gzip", input: blob)
        let isWholeThere = outcome.status == 0 && outcome.output == bytes
        #expect(isWholeThere)
    }

    @Test("Noise is found as it is in the output, and text is not")
    func stored() throws {
        let deflater = try ISALDeflater()
        let (text, noise) = (Self.bytes("t"), Sample.noise(Self.segment, seed: 5))
        let output = Self.deflated(text + noise + text, deflater)
        let start = try #require(output.firstRange(of: noise[..<1000])?.lowerBound)
        #expect(output[start..<start + 65_535] == noise[..<65_535])
        #expect(!output.contains(text[..<100]))
        // One bit in eight can be saved, and is.
        let seven = noise.map { $0 & 0x7F }
        #expect(Self.deflated(seven, deflater).count < seven.count * 15 / 16)
    }

    @Test("What was compressed before does not choose the bytes")
    func former() throws {
        let used = try ISALDeflater()
        for kinds in ["tttt", "ntnt", "z", "tzt"] {
            _ = Self.deflated(Sample.bytes(1 << 20, seed: 77), used)
            _ = Self.deflated(Self.bytes("nnt"), used)
            let bytes = Self.bytes(kinds)
            #expect(try Self.deflated(bytes, used) == Self.deflated(bytes, ISALDeflater()))
        }
    }
}
