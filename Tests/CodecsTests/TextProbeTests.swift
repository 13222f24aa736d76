import Codecs
import LinuxSystem
import Testing

/// What the default codec takes more time for.
@Suite struct TextProbeTests {
    private static func isText(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { TextProbe.isText($0) } }

    @Test("Text is, in languages that are mostly ASCII; code and zeros are not")
    func kinds() throws {
        #expect(Self.isText(Sample.text(1 << 20)))
        #expect(
            Self.isText(
                Array("Der Behälter wird gebaut und danach\tnicht mehr verändert, bis ihn jemand löscht.\n".utf8)))
        #expect(!Self.isText(Array("コンテナのイメージ".utf8)), "three bytes a letter, none of them ASCII")
        let code = try FileByteReader("/proc/self/exe", length: 1 << 20).readAll(limit: 1 << 20)
        #expect(!Self.isText(code))
        #expect(!Self.isText([UInt8](repeating: 0, count: 1 << 20)))
    }

    @Test("Nine bytes of ten are enough, wherever the others lie", arguments: [1_000, 4_096 * 10])
    func limit(_ count: Int) {
        var bytes = Sample.text(count)
        for place in stride(from: 0, to: count, by: 10) { bytes[place] = 0xFF }
        // A window of 256 bytes has 26 of them, not 25.6.
        for place in stride(from: 0, to: count, by: 4_096) { bytes[place] = 0x20 }
        #expect(Self.isText(bytes))
        for place in stride(from: 5, to: count, by: 10) { bytes[place] = 0xFF }
        #expect(!Self.isText(bytes))
    }

    @Test("Only what is printed counts, and tabs and ends of lines", arguments: UInt8.min...UInt8.max)
    func each(_ byte: UInt8) {
        let isPrinted = (0x20...0x7E).contains(byte) || byte == 0x09 || byte == 0x0A
        #expect(Self.isText([byte]) == isPrinted)
    }
}
