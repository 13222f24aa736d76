import Glibc

/// Programs that are run as lines of shell.
enum Command {
    /// Runs a line to its end and tells what it cost. A background program that it leaves behind does not count.
    ///
    /// - Parameter limit: seconds after which it and what it started in its own group is killed; 0 for none.
    /// - Throws: ``BenchError`` with the line where it fails.
    @discardableResult static func run(_ line: String, limit: UInt32 = 0) throws -> Sample {
        let before = ProcessCounters(of: "self")
        let clock = ContinuousClock()
        let start = clock.now
        let child = try spawn(line)
        var (status, usage) = (CInt(0), rusage())
        if limit > 0 { interruptWaiting(after: limit) }
        while wait4(child, &status, 0, &usage) < 0, errno == EINTR { if limit > 0 { kill(-child, SIGKILL) } }
        alarm(0)
        let seconds = (clock.now - start) / .seconds(1)
        guard status == 0 else { throw BenchError("failed, is the tool installed? \(line)") }
        var sample = Sample(seconds: seconds, processorSeconds: Sample.processorTime(of: usage))
        sample.peakMemory = Int64(usage.ru_maxrss) << 10
        if let before, let after = ProcessCounters(of: "self") {
            sample.bytesRead = after.read - before.read
            sample.bytesWritten = after.written - before.written
        }
        return sample
    }

    /// Starts a line and lets it run.
    static func spawn(_ line: String) throws -> pid_t {
        var child: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = (["sh", "-c", line] as [String]).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // A group of its own, so that all of it can be ended.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        guard posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ) == 0 else {
            throw BenchError("/bin/sh cannot be started")
        }
        return child
    }

    /// Makes wait4(2) return with EINTR, once, that much later.
    private static func interruptWaiting(after seconds: UInt32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGALRM, &action, nil)
        alarm(seconds)
    }

    /// What a line prints, without the newlines at its end; nil where it fails.
    static func output(_ line: String) -> String? {
        guard let stream = popen(line, "r") else { return nil }
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        guard pclose(stream) == 0 else { return nil }
        while bytes.last == 10 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether there is such a program on the PATH.
    static func exists(_ name: String) -> Bool { output("command -v \(name.quoted)") != nil }
}

extension Command {
    /// Ends a program that this one started, and what it started in its turn gets the time to end too.
    static func stop(_ process: pid_t) {
        kill(process, SIGTERM)
        var status: CInt = 0
        for _ in 0..<100 {
            if waitpid(process, &status, WNOHANG) != 0 { return }
            usleep(100_000)
        }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
    }
}
