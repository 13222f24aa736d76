/// Seconds since a view was opened.
struct BuildClock: Sendable {
    /// The current time in seconds since any fixed moment.
    let now: @Sendable () -> Double

    /// A clock that never goes backwards and starts at zero.
    static func started() -> BuildClock {
        let start = ContinuousClock.now
        return BuildClock {
            let elapsed = (ContinuousClock.now - start).components
            return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        }
    }
}
