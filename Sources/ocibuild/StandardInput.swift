import Glibc
import LinuxSystem

/// Reads standard input for as long as it takes, but not for a task that was cancelled: a read(2) begins again after a
/// signal, so that Ctrl-C would find nobody listening.
enum StandardInput {
    /// Milliseconds between two looks at whether the task is still wanted.
    private static let patience: CInt = 100

    /// All of it, at most `limit` bytes.
    static func all(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let next = try await next()
            if next.isEmpty { return bytes }
            bytes += next
            guard bytes.count <= limit else {
                throw CommandError(
                    "standard input holds more than the \(Measure.size(Int64(limit))) that are read of it")
            }
        }
    }

    /// The line that is typed at a terminal, without its line break.
    static func line() async throws -> String {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")), bytes.count < 64 << 10 {
            let next = try await next()
            if next.isEmpty { break }
            bytes += next
        }
        guard let text = String(validating: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) else {
            throw CommandError("what was typed is not valid UTF-8")
        }
        return text
    }

    /// The next bytes; none at the end.
    private static func next() async throws -> [UInt8] {
        while true {
            try Task.checkCancellation()
            let bytes = try await BlockingPool.shared.run { () throws -> [UInt8]? in
                var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                guard poll(&input, 1, patience) > 0 else { return nil }
                var buffer = [UInt8](repeating: 0, count: 64 << 10)
                let count = read(0, &buffer, buffer.count)
                if count >= 0 { return Array(buffer[..<count]) }
                let reason = Errno.current
                guard reason == .interrupted || reason == .again else {
                    throw CommandError("standard input cannot be read: \(reason)")
                }
                return nil
            }
            if let bytes { return bytes }
        }
    }
}
