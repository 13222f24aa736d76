import Glibc

/// A program that stays, and does the work of others.
final class Daemon {
    private let process: pid_t

    /// Starts a line of shell, which must `exec`, and waits until `probe` succeeds.
    init(_ line: String, log: String, until probe: String) throws {
        process = try Command.spawn("exec >'\(log)' 2>&1; " + line)
        for _ in 0..<300 {
            if Command.output("\(probe) >/dev/null 2>&1") != nil { return }
            var status: CInt = 0
            guard waitpid(process, &status, WNOHANG) == 0 else { break }
            usleep(100_000)
        }
        Command.stop(process)
        throw BenchError("it does not start; the end of its log: \(Command.output("tail -n 5 '\(log)'") ?? "")")
    }

    /// It and all that descends from it.
    var processes: [Int32] { ProcessCounters.tree(of: process) }

    func stop() { Command.stop(process) }
}
