/// Colours and marks, or their plain stand-ins.
struct Style: Sendable {
    let usesColor: Bool
    let usesUnicode: Bool

    static let plain = Style(usesColor: false, usesUnicode: false)

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }
    func cyan(_ text: String) -> String { paint(text, "36") }

    var doneMark: String { usesUnicode ? "✓" : "+" }
    var failedMark: String { usesUnicode ? "✗" : "x" }
    var runningMark: String { usesUnicode ? "▸" : ">" }
    var ellipsis: String { usesUnicode ? "…" : "~" }
    var gutter: String { usesUnicode ? "│" : "|" }

    /// A bar of `width` columns, filled as far as `completed` of `total`.
    func bar(completed: Int64, total: Int64, width: Int) -> String {
        let fraction = total > 0 ? min(1, max(0, Double(completed) / Double(total))) : 0
        let filled = Int((fraction * Double(width)).rounded(.down))
        let (full, empty) = usesUnicode ? ("━", "╌") : ("=", "-")
        return cyan(String(repeating: full, count: filled)) + dim(String(repeating: empty, count: width - filled))
    }

    private func paint(_ text: String, _ code: String) -> String {
        usesColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
