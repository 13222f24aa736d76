import CLinux
import Glibc

/// Runs another program of this machine and collects what it says. A non-zero exit is a result, not an error.
package enum ChildProcess {
    /// What a finished program left.
    package struct Outcome: Sendable {
        /// Its exit status, or 128 plus the number of the signal that ended it.
        package let status: Int32
        package let output: [UInt8]
        package let error: [UInt8]
    }

    /// Runs `arguments[0]` (searched in PATH) with no shell, `input` on its standard input, and blocks until it ends.
    /// It is killed, and ETIMEDOUT thrown, after `timeoutSeconds`; output past `outputLimit` bytes is EFBIG.
    package static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil,
        timeoutSeconds: Double = 3600, outputLimit: Int = 64 << 20
    ) throws(SystemError) -> Outcome {
        let program = Path(arguments.first ?? "")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let inputEnds = try pipeEnds()
        let inputRead = OwnedDescriptor(adopting: inputEnds[0])
        let inputWrite = OwnedDescriptor(adopting: inputEnds[1])
        let outputEnds = try pipeEnds()
        let outputRead = OwnedDescriptor(adopting: outputEnds[0])
        let outputWrite = OwnedDescriptor(adopting: outputEnds[1])
        let errorEnds = try pipeEnds()
        let errorRead = OwnedDescriptor(adopting: errorEnds[0])
        let errorWrite = OwnedDescriptor(adopting: errorEnds[1])
        posix_spawn_file_actions_adddup2(&actions, inputRead.raw, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWrite.raw, 1)
        posix_spawn_file_actions_adddup2(&actions, errorWrite.raw, 2)

        var attributes = attributes(restoring: [SIGPIPE])
        defer { posix_spawnattr_destroy(&attributes) }

        var argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { $0.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil] }
        defer { for pointer in argv + (envp ?? []) { free(pointer) } }
        var child: pid_t = 0
        guard let name = argv[0] else { throw SystemError("run", program, errno: .invalid) }
        let result: CInt
        if var strings = envp {
            result = posix_spawnp(&child, name, &actions, &attributes, &argv, &strings)
        } else {
            result = posix_spawnp(&child, name, &actions, &attributes, &argv, environ)
        }
        guard result == 0 else { throw SystemError("run", program, errno: Errno(code: result)) }
        _ = consume inputRead
        _ = consume outputWrite
        _ = consume errorWrite
        do throws(SystemError) {
            let (output, error) = try exchange(
                input, into: inputWrite, outputRead, errorRead,
                program: program, deadline: monotonic() + timeoutSeconds, limit: outputLimit)
            return Outcome(status: try wait(for: child), output: output, error: error)
        } catch {
            kill(child, SIGKILL)
            _ = try? wait(for: child)
            throw error
        }
    }

    /// What posix_spawn(3) is told of signals: none is blocked, and these do what they do by default. To be destroyed by
    /// the caller.
    static func attributes(restoring signals: [CInt], flags: CInt = 0) -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in signals { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags))
        return attributes
    }

    private static func exchange(
        _ input: [UInt8], into inputWrite: consuming OwnedDescriptor, _ outputRead: borrowing OwnedDescriptor,
        _ errorRead: borrowing OwnedDescriptor, program: Path, deadline: Double, limit: Int
    ) throws(SystemError) -> (output: [UInt8], error: [UInt8]) {
        var sent = 0
        var sink: OwnedDescriptor? = consume inputWrite
        var collected: [[UInt8]] = [[], []]
        var open = [outputRead.raw, errorRead.raw]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        if input.isEmpty { sink = nil }
        while open.contains(where: { $0 >= 0 }) {
            var polls = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            polls.append(pollfd(fd: sink?.raw ?? -1, events: Int16(POLLOUT), revents: 0))
            let left = deadline - monotonic()
            guard left > 0 else { throw SystemError("run", program, errno: Errno(code: ETIMEDOUT)) }
            _ = try checked("poll") { poll(&polls, nfds_t(polls.count), CInt(min(left * 1000 + 1, 60_000))) }
            for index in 0..<2 where polls[index].revents != 0 {
                let count = try checked("read") { read(open[index], &buffer, buffer.count) }
                if count == 0 { open[index] = -1 }
                collected[index].append(contentsOf: buffer[..<count])
                guard collected[index].count <= limit else {
                    throw SystemError("run", program, errno: Errno(code: EFBIG))
                }
            }
            if polls[2].revents != 0, let number = sink?.raw {
                let count = input.withUnsafeBytes {
                    write(number, $0.baseAddress?.advanced(by: sent), min($0.count - sent, 4096))
                }
                // A program that does not read its input is free to ignore it.
                let isRefused = count < 0 && Errno.current != .interrupted
                sent = isRefused ? input.count : sent + max(0, count)
                if sent >= input.count { sink = nil }
            }
        }
        return (collected[0], collected[1])
    }

    private static func wait(for child: pid_t) throws(SystemError) -> Int32 {
        var status: CInt = 0
        _ = try checked("waitpid") { waitpid(child, &status, 0) }
        return clinux_wait_exited(status) != 0 ? clinux_wait_exit_status(status) : 128 + clinux_wait_signal(status)
    }

    private static func pipeEnds() throws(SystemError) -> [CInt] {
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { clinux_pipe(&ends) }
        return ends
    }

    private static func monotonic() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
