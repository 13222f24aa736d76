/// Cuts a stream of bytes into lines.
///
/// A carriage return ends a line too: it is how programs draw progress over themselves, and in a log every state
/// of it is a line.
struct LineSplitter: Sendable {
    /// No line is kept waiting for its end beyond this many bytes: output without line breaks is passed on in pieces.
    static let longestLine = 64 << 10

    /// What has come of the line that is not finished.
    private(set) var partial: [UInt8] = []
    private var followsReturn = false

    /// The lines that `bytes` completes, without their line breaks.
    mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            let afterReturn = followsReturn
            followsReturn = false
            switch byte {
            case 10:
                if !afterReturn { lines.append(take()) }
            case 13:
                followsReturn = true
                if !partial.isEmpty { lines.append(take()) } else { followsReturn = afterReturn }
            default:
                partial.append(byte)
                if partial.count >= Self.longestLine { lines.append(take()) }
            }
        }
        return lines
    }

    /// What is left at the end of the stream.
    mutating func finish() -> [UInt8]? {
        followsReturn = false
        return partial.isEmpty ? nil : take()
    }

    private mutating func take() -> [UInt8] {
        let line = partial
        partial = []
        return line
    }
}
