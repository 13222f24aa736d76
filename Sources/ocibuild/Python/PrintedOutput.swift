/// What a definition prints, on its way to standard error: line by line, and no more than a person would read.
struct PrintedOutput {
    let console: Console
    let isQuiet: Bool
    /// How many bytes are shown.
    let limit: Int
    private var count = 0
    private var lines = LineSplitter()

    init(console: Console, isQuiet: Bool, limit: Int) {
        self.console = console
        self.isQuiet = isQuiet
        self.limit = limit
    }

    /// Shows the lines that `bytes` completes.
    mutating func take(_ bytes: [UInt8]) {
        let before = count
        count += min(bytes.count, Int.max - count)
        guard !isQuiet, before < limit else { return }
        lines.feed(Array(bytes.prefix(limit - before))).forEach(show)
        if count >= limit {
            finish()
            console.note("… the definition printed more than \(Measure.size(Int64(limit))); the rest is left out")
        }
    }

    /// Shows what was not ended.
    mutating func finish() {
        if let line = lines.finish() { show(line) }
    }

    private func show(_ line: [UInt8]) {
        console.note(TerminalText.escape(TerminalText.expandTabs(line), keepColors: console.style.usesColor))
    }
}
