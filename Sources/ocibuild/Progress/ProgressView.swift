import BuildEngine

/// Shows a build, a pull or a push while it happens. Events may come from any thread.
protocol ProgressView: Sendable {
    /// Takes note of an event.
    func handle(_ event: BuildEvent)
    /// Takes note of what ended the work, which is said to people elsewhere.
    func failed(_ error: any Error)
    /// Ends the view and leaves the terminal as it was found. May be called more than once.
    func close()
}

extension ProgressView {
    func failed(_ error: any Error) {}
}

extension StepSummary {
    /// `[build 2/5] RUN apt-get update` on one line, safe to show; a stage without a name is `stage-0`.
    var heading: String {
        let isNumber = stage.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let name = isNumber ? "stage-\(stage)" : TerminalText.escape(stage)
        return "[\(name) \(position)/\(count)] \(TerminalText.escape(title))"
    }
}
