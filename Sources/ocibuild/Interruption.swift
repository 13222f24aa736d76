import Glibc
import LinuxSystem

/// Turns SIGINT, SIGTERM and SIGHUP into the cancellation of the work at hand.
enum Interruption {
    // Written once, before any handler is installed; afterwards only read.
    private nonisolated(unsafe) static var notice: CInt = -1

    /// Runs `work` in a task that the first signal cancels, and waits until it has cleaned up. A second signal ends
    /// the program at once.
    static func run(_ work: @escaping @Sendable () async -> Int32) async -> Int32 {
        let task = Task { await work() }
        listen { count in
            if count == 1 {
                task.cancel()
                return
            }
            // Whatever draws on the terminal has no chance to restore it any more.
            if isatty(2) == 1 { Console.write(Array(TerminalProgress.showCursor.utf8), to: 2) }
            _exit(ExitStatus.interrupted)
        }
        return await task.value
    }

    /// Calls `body` with 1, 2, … as signals come, on a thread of its own.
    private static func listen(_ body: @escaping @Sendable (Int) -> Void) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let read = ends[0]
        notice = ends[1]
        // Handlers rather than a mask or SIG_IGN: neither a mask nor an ignored signal is undone by execve, and the
        // programs we start must see signals as usual.
        for number in [SIGINT, SIGTERM] { handle(number) { _ in Interruption.tell() } }
        // Under nohup the work is to go on.
        if !isIgnored(SIGHUP) { handle(SIGHUP) { _ in Interruption.tell() } }
        handle(SIGPIPE) { _ in }
        Thread.start {
            var count = 0
            var byte: UInt8 = 0
            while true {
                let result = Glibc.read(read, &byte, 1)
                if result == 1 {
                    count += 1
                    body(count)
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
    private static func tell() {
        let saved = errno
        var byte: UInt8 = 1
        _ = write(notice, &byte, 1)
        errno = saved
    }
}
