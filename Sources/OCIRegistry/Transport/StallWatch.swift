/// Decides when a transfer has stalled. Time that the consumer of the body takes is not held against the server.
struct StallWatch {
    private let timeouts: TransportTimeouts
    private let responseSeconds: Double
    private var windowStart: ContinuousClock.Instant
    private var windowBytes: Int64 = 0
    private var requestEnd: ContinuousClock.Instant?

    init(_ timeouts: TransportTimeouts, responseSeconds: Double?) {
        self.timeouts = timeouts
        self.responseSeconds = responseSeconds ?? timeouts.response
        windowStart = .now
    }

    /// Leaves time spent in the consumer out of the reckoning.
    mutating func exclude(_ duration: Duration) { windowStart += duration }

    /// What is wrong, or nil. `isSent` says that the whole request is out, `hasHead` that the answer's head is complete.
    mutating func complaint(bytes: Int64, isSent: Bool, hasHead: Bool, now: ContinuousClock.Instant = .now) -> String? {
        if isSent, !hasHead {
            let start = requestEnd ?? now
            requestEnd = start
            windowStart = now
            windowBytes = bytes
            return start.duration(to: now) > .seconds(responseSeconds)
                ? "no answer within \(Int(responseSeconds.rounded(.up))) s" : nil
        }
        guard windowStart.duration(to: now) > .seconds(timeouts.stallWindow) else { return nil }
        let advanced = bytes - windowBytes
        windowStart = now
        windowBytes = bytes
        let needed = Int64(Double(timeouts.stallRate) * timeouts.stallWindow)
        return advanced < needed
            ? "only \(advanced) bytes moved in \(Int(timeouts.stallWindow.rounded(.up))) s, less than "
                + "\(timeouts.stallRate) bytes a second"
            : nil
    }
}
