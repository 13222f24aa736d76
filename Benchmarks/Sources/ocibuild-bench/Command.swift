import Glibc

/// Programs that are run as lines of shell.
enum Command {
    /// Runs a line to its end and tells what it cost. A background program that it leaves behind does not count.
    ///
    /// - Throws: ``BenchError`` with the line where it fails.
    @discardableResult static func run(_ line: String) throws -> Sample {
        let before = ProcessCounters(of: "self")
        let clock = ContinuousClock()
        let start = clock.now
        let child = try spawn(line)
        var (status, usage) = (CInt(0), rusage())
        while wait4(child, &status, 0, &usage) < 0, errno == EINTR {}
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
        var arguments: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", line].map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 else {
            throw BenchError("/bin/sh cannot be started")
        }
        return child
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
