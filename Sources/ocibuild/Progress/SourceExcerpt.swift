/// The lines of a definition around those that something is said about.
struct SourceExcerpt: Sendable {
    /// The file's name for messages.
    let name: String
    /// The whole text.
    let bytes: [UInt8]
    /// The lines meant, counted from 1.
    let lines: ClosedRange<Int>
    /// The place in a program that asked for the lines; the text is then what it stands for.
    var origin: String?

    /// How many lines before and after are shown.
    static let margin = 2

    /// `Dockerfile:7` and the lines, those meant marked with `>>>`.
    func render(style: Style = .plain) -> [String] {
        var all = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        if all.last?.isEmpty == true { all.removeLast() }
        let title = TerminalText.escape(origin ?? "\(name):\(lines.lowerBound)")
        guard lines.lowerBound >= 1, lines.lowerBound <= all.count else { return [style.bold(title)] }
        let first = max(1, lines.lowerBound - Self.margin)
        let last = min(all.count, min(lines.upperBound, lines.lowerBound + 40) + Self.margin)
        let width = String(last).count
        return [style.bold(title)]
            + (first...last).map { number in
                let digits = String(repeating: " ", count: width - String(number).count) + String(number)
                let text = TerminalText.escape(TerminalText.expandTabs(Array(all[number - 1])))
                let isMeant = lines.contains(number)
                let line = "  \(digits) | \(isMeant ? ">>>" : "   ") \(text)"
                return isMeant ? style.red(line) : line
            }
    }
}
