/// What a person needs when a step failed: what it said last, where it stands in the definition, and how it ended.
struct FailureReport: Sendable {
    /// The step as the plan names it, `[stage 2/5] RUN make`.
    var heading: String
    /// The step's last lines of output, oldest first.
    var output: [[UInt8]]
    /// The definition's lines.
    var excerpt: SourceExcerpt?
    /// One sentence.
    var message: String

    /// The report's lines.
    func render(style: Style = .plain) -> [String] {
        var lines: [String] = [""]
        if !output.isEmpty {
            lines.append(style.bold("Last lines of \(heading):"))
            lines += output.map { line in
                let text = TerminalText.escape(TerminalText.expandTabs(line), keepColors: style.usesColor)
                return "  \(style.gutter) \(text)\(text.contains("\u{1B}") ? "\u{1B}[0m" : "")"
            }
            lines.append("")
        }
        if let excerpt { lines += excerpt.render(style: style) + [""] }
        lines.append("ocibuild: " + style.red("error:") + " " + TerminalText.escapeLines(message))
        return lines
    }
}
