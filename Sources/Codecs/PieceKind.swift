/// What is worth how much of a compressor's time: text, where it finds many long matches, content that is nearly noise,
/// where it finds next to none, and all the rest.
///
/// The answer chooses the bytes of layers, so it depends on the content alone: fixed places and integers, on every
/// processor the same.
package enum PieceKind: Sendable {
    /// Byte values are nearly equally frequent, as where compressed files lie between others.
    case dense
    /// Printable ASCII.
    case text
    /// Machine code and data.
    case other

    private static let windowSize = 256
    private static let windowStep = 4096

    /// The kind of these bytes, of which a sixteenth is counted: 256 of each 4096.
    package init(of piece: UnsafeRawBufferPointer) {
        self = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            var start = 0
            while start < piece.count {
                for byte in piece[start..<min(start + Self.windowSize, piece.count)] { counts[Int(byte)] &+= 1 }
                start += Self.windowStep
            }
            return Self.kind(UnsafeBufferPointer(counts))
        }
    }

    private static func kind(_ counts: UnsafeBufferPointer<UInt32>) -> PieceKind {
        var (all, squares, printed) = (0, 0, 0)
        for (byte, count) in counts.enumerated() {
            all += Int(count)
            squares += Int(count) * Int(count)
            if 0x20..<0x7F ~= byte || byte == 0x09 || byte == 0x0A { printed += Int(count) }
        }
        // Of n bytes whose values are all as frequent the squares come to n²/256, of machine code to eight times that.
        if squares * 128 < all * all { return .dense }
        return printed * 10 >= all * 9 ? .text : .other
    }
}
