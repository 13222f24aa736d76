import LinuxSystem

/// What is mounted where, as /proc/self/mountinfo says it.
enum MountTable {
    struct Entry: Hashable {
        let point: Path
        /// As mount(8) calls it.
        let fileSystem: String
    }

    /// In the order of mounting; nil without /proc.
    static var current: [Entry]? {
        guard let bytes = try? FileSystem.readFile("/proc/self/mountinfo", limit: 1 << 24) else { return nil }
        return entries(of: bytes)
    }

    /// The type of the file system that an absolute path without links is on.
    static func fileSystem(of path: Path, in entries: [Entry]) -> String? {
        entries.enumerated().filter { path.hasPrefix($0.element.point) }
            .max { ($0.element.point.bytes.count, $0.offset) < ($1.element.point.bytes.count, $1.offset) }?
            .element.fileSystem
    }

    static func entries(of bytes: [UInt8]) -> [Entry] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count > 6, let dash = words.firstIndex(of: [UInt8(ascii: "-")]), dash + 1 < words.count else {
                return nil
            }
            return Entry(
                point: Path(bytes: unescaped(words[4])), fileSystem: String(decoding: words[dash + 1], as: UTF8.self))
        }
    }

    /// Blanks and the like are written as a backslash and three octal digits.
    private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = word
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
