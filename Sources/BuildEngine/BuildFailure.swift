/// A RUN whose command ended with a failure. It is the build's own result, not a fault of the builder.
public struct BuildFailure: Error, Sendable, CustomStringConvertible {
    /// A limit of the step that ended its command, or some of its processes.
    public enum Limit: Sendable, Hashable {
        /// It took longer than this.
        case time(Duration)
        /// It needed more than so many bytes of memory, and the kernel killed so many of its processes.
        case memory(bytes: Int64, kills: Int)
    }

    /// The status of a command that took longer than its step may, as timeout(1) has it.
    public static let timeoutStatus: Int32 = 124

    /// The command's exit status, or 128 plus the number of the signal that ended it: 137 where it was killed for the
    /// memory that it needed. ``timeoutStatus`` where its time was over.
    public let status: Int32
    /// The end of what it wrote, its last lines whole.
    public let output: [UInt8]
    /// How long it ran.
    public let seconds: Double
    /// The limit that was in its way, where one is known.
    public let limit: Limit?

    /// The value in words, for messages.
    public var description: String {
        switch limit {
        case .time(let allowed):
            return "step killed: it took longer than \(Self.shown(allowed)) (--timeout)"
        case .memory(let bytes, let kills):
            let need = "it needed more than \(Self.shown(bytes)) (--memory)"
            if status == 137 { return "step killed: \(need)" }
            let killed = kills == 1 ? "one of its processes was killed" : "\(kills) of its processes were killed"
            return "\(ending), and \(killed): \(need)"
        case nil: return ending
        }
    }

    private var ending: String {
        status > 128 && status <= 192
            ? "the command was ended by signal \(status - 128)" : "the command ended with exit status \(status)"
    }

    /// `512 MiB`: in the largest unit that leaves a whole number.
    static func shown(_ bytes: Int64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (bytes, 0)
        while value >= 1024, value % 1024 == 0, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
        return "\(value) \(units[unit])"
    }

    /// `1h30m`, `2.5s`.
    static func shown(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        var text = (hours > 0 ? "\(hours)h" : "") + (minutes > 0 ? "\(minutes)m" : "")
        let thousandths = attoseconds / 1_000_000_000_000_000
        if thousandths > 0 {
            text += "\(Double(seconds % 60) + Double(thousandths) / 1000)s"
        } else if seconds % 60 > 0 || text.isEmpty {
            text += "\(seconds % 60)s"
        }
        return text
    }
}
