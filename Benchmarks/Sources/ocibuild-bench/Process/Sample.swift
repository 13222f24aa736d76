import Glibc

/// The cost of doing something once.
struct Sample {
    /// Wall clock.
    var seconds: Double
    /// User and system time, that of programs it ran included; of a daemon that did the work, its own.
    var processorSeconds: Double
    /// Bytes of memory of the largest process, where it is known: `ru_maxrss` of what was started and waited for, by
    /// time(1) of GNU, and the high-water mark of a daemon that did the work.
    var peakMemory: Int64?
    /// Bytes that went through read(2) and its kin, sockets' own calls excluded: `rchar` of proc_pid_io(5).
    var bytesRead: Int64?
    /// Bytes that went through write(2) and its kin: `wchar`.
    var bytesWritten: Int64?
    /// Bytes to a registry.
    var bytesSent: Int64?
    /// Bytes from a registry.
    var bytesReceived: Int64?

    /// Of `seconds`, what a builder says that it took to write the layers; nil where it does not say.
    var exportSeconds: Double?

    /// Of something that this process does itself.
    static func taking(_ body: () throws -> Void) rethrows -> Sample {
        let before = processorTime()
        let duration = try ContinuousClock().measure(body)
        return Sample(seconds: duration / .seconds(1), processorSeconds: processorTime() - before)
    }

    /// User and system time of this process and of those it has waited for.
    static func processorTime() -> Double {
        [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
            var usage = rusage()
            getrusage(CInt(who.rawValue), &usage)
            return sum + processorTime(of: usage)
        }
    }

    static func processorTime(of usage: rusage) -> Double {
        [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
