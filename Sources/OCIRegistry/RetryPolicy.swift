import Glibc

/// Tries an operation again when what failed may pass.
package struct RetryPolicy: Sendable {
    /// Tries in all.
    package var attempts: Int
    /// Seconds before the second try; doubles from try to try.
    package var firstPause: Double
    /// The longest pause in seconds, also when the registry asks for more.
    package var longestPause: Double

    /// A policy with its parts.
    package init(attempts: Int, firstPause: Double, longestPause: Double) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// Runs `operation` until it succeeds, fails for good, or the tries are used up. The pauses hold no thread.
    ///
    /// `progress` counts what is gained for good: a failed try that gained a megabyte or more does not use up a try, so
    /// that a large blob comes through a bad line; but four times `attempts` is the end in any case.
    package func run<R: Sendable>(
        progress: () -> Int64 = { 0 }, _ operation: () async throws -> R
    ) async throws -> R {
        var failures = 0
        var total = 0
        var gained = progress()
        while true {
            do {
                return try await operation()
            } catch let error as RegistryError where error.isTransient {
                total += 1
                let now = progress()
                failures = now - gained >= 1 << 20 ? 1 : failures + 1
                gained = now
                guard failures < attempts, total < 4 * attempts else {
                    throw total > 1 ? Self.counted(error, total) : error
                }
                try await Task.sleep(for: .seconds(pause(after: failures, asked: error.retryAfter)))
            }
        }
    }

    /// Full jitter on an exponential pause, so that many clients do not come back at the same instant; never less than
    /// the registry asked for, up to the longest pause.
    func pause(after attempt: Int, asked: Double?) -> Double {
        let ceiling = min(longestPause, firstPause * Double(1 << min(attempt - 1, 20)))
        let own = Double.random(in: ceiling / 2...ceiling)
        return min(longestPause, max(own, asked ?? 0))
    }

    private static func counted(_ error: RegistryError, _ attempts: Int) -> RegistryError {
        var error = error
        error.message += ", \(attempts) times"
        return error
    }

    /// Seconds that a Retry-After field asks for: a number, or a date (RFC 9110, 10.2.3).
    package static func seconds(retryAfter text: String, now: Int = time(nil)) -> Double? {
        if let seconds = UInt32(text) { return Double(seconds) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3]),
            (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3, (1...31).contains(day), (0...23).contains(clock[0]), (0...59).contains(clock[1]),
            (0...60).contains(clock[2])
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day
        parts.tm_hour = clock[0]
        parts.tm_min = clock[1]
        parts.tm_sec = clock[2]
        return Double(max(0, timegm(&parts) - now))
    }
}
