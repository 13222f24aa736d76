import Glibc
import LinuxSystem
import Synchronization

/// Where the command's words go: results to standard output, everything said about the work to standard error.
struct Console: Sendable {
    /// The environment that the command was started in.
    let environment: [String: String]
    /// What standard output can show.
    let output: TerminalTraits
    /// What standard error can show.
    let error: TerminalTraits

    init(environment: [String: String] = Console.processEnvironment()) {
        self.environment = environment
        output = TerminalTraits(isTerminal: isatty(1) == 1, environment: environment)
        error = TerminalTraits(isTerminal: isatty(2) == 1, environment: environment)
    }

    /// The colours for messages on standard error.
    var style: Style { Style(usesColor: error.usesColor, usesUnicode: error.usesUnicode) }

    /// The value of an environment variable; nil where it is unset or empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Writes a result and a line break to standard output.
    func print(_ line: String) {
        Console.write(Array((line + "\n").utf8), to: 1)
    }

    /// Writes a result's bytes to standard output as they are.
    func print(bytes: [UInt8]) {
        Console.write(bytes, to: 1)
    }

    /// Writes a table to standard output, as wide as the terminal where it is one.
    func print(_ table: Table) {
        let width = isatty(1) == 1 ? Console.terminalSize(of: 1).columns : nil
        print(table.lines(width: width).joined(separator: "\n"))
    }

    /// Says something on standard error.
    func note(_ line: String) {
        Console.write(Array((line + "\n").utf8), to: 2)
    }

    /// A warning on standard error; its text may come from elsewhere.
    func warn(_ message: String) {
        note(style.yellow("warning:") + " " + TerminalText.escapeLines(message))
    }

    /// Why results could not be written to standard output, if that happened: a full disk, for one.
    static var outputFailure: Errno? { lostOutput.withLock { $0 } }

    private static let lostOutput = Mutex<Errno?>(nil)

    /// The columns and rows of the terminal behind a descriptor; 80 by 24 where it does not say.
    static func terminalSize(of descriptor: CInt) -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Writes all of `bytes`. A reader that went away is no error of ours: what is left is dropped.
    static func write(_ bytes: [UInt8], to descriptor: CInt) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0, errno == EAGAIN {
                    // Someone made the terminal non-blocking; wait until it takes more.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, -1)
                } else if !(count < 0 && errno == EINTR) {
                    let reason = Errno.current
                    if descriptor == 1, reason.code != EPIPE { lostOutput.withLock { $0 = $0 ?? reason } }
                    return
                }
            }
        }
    }

    /// The environment of this process. Entries that are not UTF-8 are left out.
    static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let bytes = UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
            let name = bytes.prefix { $0 != UInt8(ascii: "=") }
            if name.count < bytes.count, let key = String(validating: name, as: UTF8.self),
                let value = String(validating: bytes.dropFirst(name.count + 1), as: UTF8.self)
            {
                result[key] = value
            }
            entry += 1
        }
        return result
    }
}
