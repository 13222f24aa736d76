/// Sizes and times as a person reads them.
enum Measure {
    /// `n` bytes in decimal units, as registries and `docker images` count: `0 B`, `812 B`, `1.2 kB`, `45.1 MB`.
    static func size(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(max(0, bytes)) B" }
        var value = Double(bytes)
        var unit = ""
        for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
            value /= 1000
            unit = next
            // 999.95 would round to 1000.0.
            if value < 999.95 { break }
        }
        return "\(decimal(value, digits: 1)) \(unit)"
    }

    /// A duration: `0.0s`, `12.3s`, `2m03s`, `1h02m`.
    static func duration(_ seconds: Double) -> String {
        let seconds = seconds.isFinite ? min(max(0, seconds), 1e9) : 0
        if seconds < 59.95 { return "\(decimal(seconds, digits: 1))s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60)m\(twoDigits(whole % 60))s" }
        return "\(whole / 3600)h\(twoDigits(whole / 60 % 60))m"
    }

    /// How long before `now` a moment was, both in seconds since 1970: `just now`, `5 minutes ago`, `3 days ago`.
    static func age(of moment: Int64, now: Int64) -> String {
        let (difference, overflow) = now.subtractingReportingOverflow(moment)
        guard !overflow, difference >= 45 else { return "just now" }
        let steps: [(Int64, String)] = [
            (31_557_600, "year"), (2_629_800, "month"), (604_800, "week"), (86_400, "day"), (3600, "hour"),
            (60, "minute"),
        ]
        for (length, name) in steps where difference >= length {
            let count = difference / length
            return "\(count) \(name)\(count == 1 ? "" : "s") ago"
        }
        return "1 minute ago"
    }

    /// `value` with exactly `digits` decimals, rounded half up; at most three of them.
    static func decimal(_ value: Double, digits: Int) -> String {
        let scale = [1, 10, 100, 1000][min(max(digits, 0), 3)]
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard scale > 1 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int64(scale) + Int64(scale)).dropFirst()
        return "\(sign)\(scaled / Int64(scale)).\(fraction)"
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
