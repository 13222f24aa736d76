import CLinux
import Glibc

/// Another program that must not linger, ask or flood: it runs in a session of its own without a terminal and with
/// nothing on its standard input, has descriptor 3 to answer on, and is killed with its process group when its time is
/// over, when it ends, or when the work is cancelled. A child of it that left the group lives on, unheard.
package struct GuardedProgram: Sendable {
    /// How it ended.
    package enum Ending: Sendable, Hashable {
        /// With this exit status, or 128 plus the number of the signal that ended it.
        case exited(Int32)
        /// It ran for longer than it may.
        case timedOut
        /// ``Cancellation/cancel()`` was called.
        case cancelled
        /// Its answer was longer than it may be.
        case answeredTooMuch
    }

    /// Ends a program that runs on another thread.
    package final class Cancellation: Sendable {
        fileprivate let readEnd: CInt
        private let writeEnd: CInt

        /// A cancellation for one program.
        package init() throws(SystemError) {
            var ends: [CInt] = [0, 0]
            _ = try checked("pipe") { clinux_pipe(&ends) }
            (readEnd, writeEnd) = (ends[0], ends[1])
        }

        deinit {
            close(readEnd)
            close(writeEnd)
        }

        /// Ends the program, now or as soon as it begins.
        package func cancel() { _ = write(writeEnd, "x", 1) }
    }

    /// The number of the descriptor that the program answers on.
    package static let answerDescriptor: CInt = 3

    /// The program (searched in PATH) and its arguments.
    package var arguments: [String]
    /// Its environment.
    package var environment: [String: String]
    /// How long it may run.
    package var timeoutSeconds: Double
    /// How many bytes its answer may have.
    package var answerLimit: Int

    /// A program that is ready to run.
    package init(arguments: [String], environment: [String: String], timeoutSeconds: Double, answerLimit: Int) {
        self.arguments = arguments
        self.environment = environment
        self.timeoutSeconds = timeoutSeconds
        self.answerLimit = answerLimit
    }

    /// Runs it and blocks until it and its process group are gone.
    /// - Parameters:
    ///   - cancellation: ends it early.
    ///   - said: gets what it writes to standard output and standard error, as it comes.
    package func run(
        cancellation: Cancellation, said: ([UInt8]) -> Void
    ) throws(SystemError) -> (ending: Ending, answer: [UInt8]) {
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { clinux_pipe(&ends) }
        let outputRead = OwnedDescriptor(adopting: ends[0])
        let outputWrite = OwnedDescriptor(adopting: ends[1])
        _ = try checked("pipe") { clinux_pipe(&ends) }
        let answerRead = OwnedDescriptor(adopting: ends[0])
        let answerWrite = OwnedDescriptor(adopting: ends[1])
        let child = try spawn(output: outputWrite.raw, answer: answerWrite.raw)
        _ = consume outputWrite
        _ = consume answerWrite
        defer {
            // Its group is killed while the leader is not yet waited for: until then the number is not given anew.
            kill(-child, SIGKILL)
            kill(child, SIGKILL)
            var status: CInt = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
        }
        let process = OwnedDescriptor(adopting: try checked("pidfd_open") { clinux_pidfd_open(child) })
        for raw in [outputRead.raw, answerRead.raw] { _ = fcntl(raw, F_SETFL, O_NONBLOCK) }
        let deadline = Self.monotonic() + timeoutSeconds
        var answer: [UInt8] = []
        var sources = [outputRead.raw, answerRead.raw, process.raw, cancellation.readEnd]
        while true {
            var polls = sources.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let left = deadline - Self.monotonic()
            guard left > 0 else { return (.timedOut, answer) }
            _ = try checked("poll") { poll(&polls, nfds_t(polls.count), CInt(min(left * 1000 + 1, 60_000))) }
            if polls[3].revents != 0 { return (.cancelled, answer) }
            for index in 0..<2 where polls[index].revents != 0 {
                let bytes = Self.available(sources[index])
                if bytes == [] { sources[index] = -1 }
                if index == 0, let bytes { said(bytes) }
                if index == 1, let bytes { answer += bytes }
            }
            guard answer.count <= answerLimit else { return (.answeredTooMuch, []) }
            guard polls[2].revents != 0 else { continue }
            // What it wrote before it ended is still in the pipes, and nobody is to add to it.
            kill(-child, SIGKILL)
            if (polls[0].revents | polls[1].revents) & Int16(POLLIN) == 0 {
                return (.exited(Self.status(of: child)), answer)
            }
        }
    }

    private func spawn(output: CInt, answer: CInt) throws(SystemError) -> pid_t {
        let program = Path(arguments.first ?? "")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Out of the way first: these numbers may themselves be below 4.
        let output = OwnedDescriptor(adopting: try checked("dup") { fcntl(output, F_DUPFD_CLOEXEC, 10) })
        let answer = OwnedDescriptor(adopting: try checked("dup") { fcntl(answer, F_DUPFD_CLOEXEC, 10) })
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.raw, 1)
        posix_spawn_file_actions_adddup2(&actions, output.raw, 2)
        posix_spawn_file_actions_adddup2(&actions, answer.raw, Self.answerDescriptor)
        var attributes = ChildProcess.attributes(
            restoring: [SIGPIPE, SIGINT, SIGTERM, SIGHUP], flags: CLINUX_POSIX_SPAWN_SETSID)
        defer { posix_spawnattr_destroy(&attributes) }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        guard let name = argv[0] else { throw SystemError("run", program, errno: .invalid) }
        var child: pid_t = 0
        let result = posix_spawnp(&child, name, &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw SystemError("run", program, errno: Errno(code: result)) }
        return child
    }

    /// What a descriptor has to read now: empty at its end, nil where there is nothing yet.
    private static func available(_ descriptor: CInt) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
        return Array(buffer[..<count])
    }

    /// How a process ended, without taking it from those who wait for it.
    private static func status(of child: pid_t) -> Int32 {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) == 0 else { return 255 }
        let status = information._sifields._sigchld.si_status
        return information.si_code == CLD_EXITED ? status : 128 + status
    }

    private static func monotonic() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
