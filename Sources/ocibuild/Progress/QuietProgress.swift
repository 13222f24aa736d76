import BuildEngine

/// Shows nothing but warnings.
struct QuietProgress: ProgressView {
    /// Takes the text of whole lines, line breaks included.
    let emit: @Sendable (String) -> Void

    func handle(_ event: BuildEvent) {
        if case .warning(let message) = event { emit("warning: " + TerminalText.escapeLines(message) + "\n") }
    }

    func close() {}
}
