/// Tells pieces of text, where a compressor finds many long matches and its patience pays, from machine code and data.
///
/// The answer chooses the bytes of layers, so it depends on the content alone: fixed places and a count, on every processor
/// the same.
package enum TextProbe {
    private static let windowSize = 256
    private static let windowStep = 4096

    /// True where nine of ten bytes are printable ASCII, tabs or ends of lines; of each 4 KiB a sixteenth is counted.
    package static func isText(_ piece: UnsafeRawBufferPointer) -> Bool {
        var (text, all) = (0, 0)
        var start = 0
        while start < piece.count {
            let window = piece[start..<min(start + windowSize, piece.count)]
            var count: UInt16 = 0
            for byte in window { count &+= byte &- 0x20 < 0x5F || byte == 0x0A || byte == 0x09 ? 1 : 0 }
            text += Int(count)
            all += window.count
            start += windowStep
        }
        return text * 10 >= all * 9
    }
}
