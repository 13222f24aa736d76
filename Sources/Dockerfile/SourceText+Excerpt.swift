import BuildModel

extension SourceText {
    private static let lineWidth = 200
    private static let markedLines = 12

    /// The lines of `range` marked with ">", and one line of context on either side.
    ///
    /// Control characters are shown as "\xNN", so that a file cannot steer the terminal that shows it.
    func excerpt(for range: SourceRange) -> String {
        guard !lines.isEmpty else { return "" }
        let first = min(max(range.first, 1), lines.count)
        let last = min(max(range.last, first), lines.count)
        let shownLast = min(last, first + Self.markedLines - 1)
        let from = max(first - 1, 1)
        let to = min(shownLast + 1, lines.count)
        let width = String(to).utf8.count
        var rows: [String] = []
        for number in from...to {
            let marked = number >= first && number <= last
            let digits = String(number)
            let padding = String(repeating: " ", count: width - digits.utf8.count)
            let text = Self.printable(line(at: number - 1))
            rows.append("\(marked ? ">" : " ") \(padding)\(digits) |\(text.isEmpty ? "" : " ")\(text)")
            if marked, number == to, last > to {
                rows.append("  \(String(repeating: " ", count: width)) | … up to line \(last)")
            }
        }
        return rows.joined(separator: "\n")
    }

    private static func printable(_ line: ArraySlice<UInt8>) -> String {
        var text = ""
        var shown = 0
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            guard shown < lineWidth else { return text + "…" }
            shown += 1
            switch scalar.value {
            case 0x09: text += "    "
            case 0..<0x20, 0x7F..<0xA0: text += "\\x" + String(scalar.value, radix: 16, uppercase: true).leftPadded
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension String {
    fileprivate var leftPadded: String { utf8.count < 2 ? "0" + self : self }
}
