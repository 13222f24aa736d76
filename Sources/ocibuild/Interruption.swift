import Glibc
import LinuxSystem
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into the cancellation of the work at hand.
enum Interruption {
    // Written once, before any handler is installed; afterwards only read.
    private nonisolated(unsafe) static var notice: CInt = -1
    /// The signal that came first; 0 until there is one.
    private static let first = Atomic<Int32>(0)

    /// Runs `work` in a task that the first signal cancels, and waits until it has cleaned up; the result is the exit
    /// status, of an interrupted program 128 and the signal's number. A second signal ends the program at once.
    static func run(_ work: @escaping @Sendable () async -> Int32) async -> Int32 {
        let task = Task { await work() }
        listen { signal in
            if first.compareExchange(expected: 0, desired: signal, ordering: .sequentiallyConsistent).exchanged {
                task.cancel()
                return
            }
            // Whatever draws on the terminal has no chance to restore it any more.
            if isatty(2) == 1 { Console.write(Array(TerminalProgress.showCursor.utf8), to: 2) }
            _exit(128 + signal)
        }
        let status = await task.value
        let signal = first.load(ordering: .sequentiallyConsistent)
        return status == ExitStatus.interrupted && signal != 0 ? 128 + signal : status
    }

    /// Calls `body` with the number of each signal as it comes, on a thread of its own.
    private static func listen(_ body: @escaping @Sendable (Int32) -> Void) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let read = ends[0]
        notice = ends[1]
        // Handlers rather than a mask or SIG_IGN: neither a mask nor an ignored signal is undone by execve, and the
        // programs we start must see signals as usual.
        for number in [SIGINT, SIGTERM] { handle(number) { Interruption.tell($0) } }
        // Under nohup the work is to go on.
        if !isIgnored(SIGHUP) { handle(SIGHUP) { Interruption.tell($0) } }
        handle(SIGPIPE) { _ in }
        Thread.start {
            var byte: UInt8 = 0
            while true {
                let result = Glibc.read(read, &byte, 1)
                if result == 1 {
                    body(Int32(byte))
                } else if !(result < 0 && errno == EINTR) {
                    return
                }
            }
        }
    }

    private static func handle(_ number: CInt, _ handler: @escaping @convention(c) (CInt) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        sigaction(number, &action, nil)
    }

    private static func isIgnored(_ number: CInt) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Only what a signal handler may do.
    private static func tell(_ signal: CInt) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(notice, &byte, 1)
        errno = saved
    }
}
