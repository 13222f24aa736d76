import Glibc
import LinuxSystem

/// Times of a catalogue: RFC 3339 in UTC with microseconds, as `2018-08-22T22:47:10.915236Z`.
package enum Instant {
    /// The time now.
    package static func now() -> String {
        let now = FileTime.now
        return text(seconds: now.seconds, microseconds: Int(now.nanoseconds) / 1000)
    }

    /// A time since 1970 as text.
    package static func text(seconds: Int64, microseconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let date = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
        ]
        let clock = [padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2), padded(Int(parts.tm_sec), 2)]
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":")).\(padded(microseconds, 6))Z"
    }

    /// Whether `text` has exactly that form.
    package static func isOne(_ text: String) -> Bool {
        let form = Array("0000-00-00T00:00:00.000000Z".utf8)
        let bytes = Array(text.utf8)
        return bytes.count == form.count
            && zip(bytes, form).allSatisfy { $1 == 0x30 ? ($0 >= 0x30 && $0 <= 0x39) : $0 == $1 }
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
