/// Shows a build, a pull or a push while it happens. Events may come from any thread.
protocol ProgressView: Sendable {
    /// Takes note of an event.
    func handle(_ event: BuildEvent)
    /// Ends the view and leaves the terminal as it was found. May be called more than once.
    func close()
}

extension StepSummary {
    /// `[stage 2/5] RUN apt-get update` on one line, safe to show.
    var heading: String {
        "[\(TerminalText.escape(stage)) \(position)/\(count)] \(TerminalText.escape(title))"
    }
}
