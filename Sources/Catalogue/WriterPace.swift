/// How long a writer of a log waits for others. Nothing depends on it but speed.
package struct WriterPace: Sendable {
    /// How long a writer may stand still before another takes over, at least. It is more where the registry is slow.
    /// Less than nothing lets nobody finish.
    package var patience: Duration = .milliseconds(400)
    /// The longest pause of a writer that was overtaken.
    package var longestPause: Duration = .seconds(5)
    /// When a writer gives up.
    package var deadline: Duration = .seconds(300)

    /// The usual pace.
    package init() {}

    /// A random pause after `count` setbacks, for a registry that takes `latency` for a list of tags.
    func pause(after count: Int, latency: Duration) -> Duration {
        let ceiling = min(longestPause, max(.milliseconds(20), latency) * (1 << min(count, 8)))
        return ceiling * Double.random(in: 0.1...1)
    }

    /// How long to watch another writer that does nothing: it may need a PUT and a list between two tags.
    func patience(latency: Duration) -> Duration { max(patience, latency * 8) }
}
