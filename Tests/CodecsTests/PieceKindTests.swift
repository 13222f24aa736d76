import Codecs
import LinuxSystem
import Testing

/// What the default codec takes more or less time for.
@Suite struct PieceKindTests {
    private static func kind(_ bytes: [UInt8]) -> PieceKind { bytes.withUnsafeBytes { PieceKind(of: $0) } }

    @Test("Text is, in languages that are mostly ASCII; code and zeros are not")
    func text() throws {
        #expect(Self.kind(Sample.text(1 << 20)) == .text)
        let german = "Der Behälter wird gebaut und danach\tnicht mehr verändert, bis ihn jemand löscht.\n"
        #expect(Self.kind(Array(german.utf8)) == .text)
        #expect(Self.kind(Array("コンテナのイメージ".utf8)) == .other, "three bytes a letter, none of them ASCII")
        let code = try FileByteReader("/proc/self/exe", length: 1 << 20).readAll(limit: 1 << 20)
        #expect(Self.kind(code) == .other)
        #expect(Self.kind([UInt8](repeating: 0, count: 1 << 20)) == .other)
    }

    @Test("Compressed files are dense, and with a few others between them still are")
    func dense() throws {
        let noise = Sample.noise(1 << 20)
        #expect(Self.kind(noise) == .dense)
        let text = Sample.text(1 << 20)
        #expect(Self.kind(Array(noise[..<900_000] + text[900_000...])) == .dense)
        #expect(Self.kind(Array(noise[..<400_000] + text[400_000...])) == .other)
    }

    @Test("Half of all byte values, equally frequent, are just not dense")
    func limit() {
        #expect(Self.kind((0..<1 << 20).map { UInt8($0 & 0x7F) }) == .other)
        #expect(Self.kind((0..<1 << 20).map { UInt8($0 % 129) }) == .dense)
    }

    @Test("Nine bytes of ten are enough, wherever the others lie", arguments: [1_000, 4_096 * 10])
    func printed(_ count: Int) {
        var bytes = Sample.text(count)
        for place in stride(from: 0, to: count, by: 10) { bytes[place] = 0xFF }
        // A window of 256 bytes has 26 of them, not 25.6.
        for place in stride(from: 0, to: count, by: 4_096) { bytes[place] = 0x20 }
        #expect(Self.kind(bytes) == .text)
        for place in stride(from: 5, to: count, by: 10) { bytes[place] = 0xFF }
        #expect(Self.kind(bytes) == .other)
    }

    @Test("Only what is printed counts, and tabs and ends of lines", arguments: UInt8.min...UInt8.max)
    func each(_ byte: UInt8) {
        let isPrinted = (0x20...0x7E).contains(byte) || byte == 0x09 || byte == 0x0A
        #expect(Self.kind([byte]) == (isPrinted ? .text : .other))
    }
}
