import Glibc

/// Asks the person at the terminal. Where there is none, the answer is nil: a CI job never waits for an answer.
struct Prompt {
    let console: Console

    /// One line of text.
    func line(_ question: String) async throws -> String? {
        guard isatty(0) == 1 else { return nil }
        Console.write(Array(question.utf8), to: 2)
        return try await StandardInput.line()
    }

    /// One line that is not shown.
    func secret(_ question: String) async throws -> String? {
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
        return try await StandardInput.line()
    }

    /// All of standard input as a secret: one line, its line break left out.
    static func standardInputLine() async throws -> String {
        var bytes = try await StandardInput.all(limit: 64 << 10)
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw CommandError("standard input holds no password") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("the password on standard input is not valid UTF-8")
        }
        return text
    }
}
