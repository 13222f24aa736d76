import Glibc
import LinuxSystem

/// Asks the person at the terminal. Where there is none, the answer is nil: a CI job never waits for an answer.
struct Prompt {
    let console: Console

    /// One line of text.
    func line(_ question: String) throws -> String? {
        guard isatty(0) == 1 else { return nil }
        Console.write(Array(question.utf8), to: 2)
        return try Self.read(until: UInt8(ascii: "\n"))
    }

    /// One line that is not shown.
    func secret(_ question: String) throws -> String? {
        guard isatty(0) == 1 else { return nil }
        Console.write(Array(question.utf8), to: 2)
        var before = termios()
        guard tcgetattr(0, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(0, TCSAFLUSH, &silent)
        defer {
            tcsetattr(0, TCSAFLUSH, &before)
            Console.write([UInt8(ascii: "\n")], to: 2)
        }
        return try Self.read(until: UInt8(ascii: "\n"))
    }

    /// All of standard input as a secret: one line, its line break left out.
    static func standardInputLine() throws -> String {
        let text = try read(until: nil)
        var bytes = Array(text.utf8)
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw CommandError("standard input holds no password") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything on standard input, at most `limit` bytes.
    static func standardInput(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(0, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw CommandError("standard input cannot be read: \(Errno.current)") }
                continue
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw CommandError(
                    "standard input holds more than the \(Measure.size(Int64(limit))) that are read of it")
            }
        }
    }

    /// Standard input up to a byte or, without one, its end; at most 64 KiB.
    private static func read(until end: UInt8?) throws -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 64 << 10 {
            let count = Glibc.read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 || byte == end { break }
            bytes.append(byte)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("what was typed is not valid UTF-8")
        }
        return text
    }
}
