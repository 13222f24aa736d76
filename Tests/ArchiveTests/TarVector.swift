import Archive
import LinuxSystem
import Testing

/// Tars made by hand, so that they can be wrong, and short ways through reader and writer.
enum TarVector {
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A header block with a right checksum; `edit` may change any field before that is taken.
    static func block(
        _ name: String, type: Character = "0", size: Int = 0, magic: String = "ustar\u{0}00",
        edit: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        put(name, at: 0, in: &block)
        put("0000644\u{0}0000000\u{0}0000000\u{0}", at: 100, in: &block)
        let octal = String(size, radix: 8)
        put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124, in: &block)
        put("00000000000", at: 136, in: &block)
        put("        ", at: 148, in: &block)
        block[156] = type.asciiValue ?? 0
        put(magic, at: 257, in: &block)
        edit(&block)
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ", at: 148, in: &block)
        return block
    }

    static func put(_ text: String, at offset: Int, in block: inout [UInt8]) {
        block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }

    static func file(_ name: String, _ content: String = "hi") -> [UInt8] {
        block(name, size: content.utf8.count) + padded(bytes(content))
    }

    static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: -bytes.count & 511)
    }

    /// An extended header of this body, right or wrong.
    static func extended(_ body: [UInt8], type: Character = "x") -> [UInt8] {
        block("PaxHeaders/x", type: type, size: body.count) + padded(body)
    }

    static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = key.utf8.count + value.count + 3
        var length = rest
        while rest + String(length).count != length { length = rest + String(length).count }
        return bytes("\(length) \(key)=") + value + [0x0A]
    }

    static func record(_ key: String, _ value: String) -> [UInt8] { record(key, bytes(value)) }

    static let end = [UInt8](repeating: 0, count: 1024)

    // MARK: - Reader and writer

    struct Item: Hashable {
        var entry: ArchiveEntry
        var content: [UInt8] = []
    }

    static func written(_ items: [Item]) throws -> [UInt8] {
        let output = BytesWriter()
        let writer = TarWriter(output)
        for item in items {
            try writer.append(item.entry)
            try item.content.withUnsafeBytes { try writer.write($0) }
        }
        try writer.finish()
        return output.bytes
    }

    static func read(
        _ bytes: [UInt8], formats: ArchiveReader.Formats = .tar, limits: ArchiveLimits = .default, step: Int = 1000
    ) throws -> [Item] {
        let reader = try ArchiveReader(BytesReader(bytes), formats: formats, limits: limits)
        var items: [Item] = []
        while let entry = try reader.next() {
            var item = Item(entry: entry)
            var buffer = [UInt8](repeating: 0xEE, count: step)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { break }
                item.content += buffer[..<count]
            }
            items.append(item)
        }
        return items
    }

    /// The error that reading gives, with its code; records an issue where there is none.
    static func failure(
        _ bytes: [UInt8], limits: ArchiveLimits = .default, sourceLocation: SourceLocation = #_sourceLocation
    ) -> ArchiveError? {
        #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) { _ = try read(bytes, limits: limits) }
    }

    /// Runs a tool that must be there.
    static func run(_ arguments: [String], package: String, input: [UInt8] = []) throws -> ChildProcess.Outcome {
        do {
            return try ChildProcess.run(
                arguments, input: input, environment: ["PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C"],
                timeoutSeconds: 60)
        } catch {
            Issue.record("\(arguments[0]) cannot be run (Debian package \(package)): \(error)")
            throw error
        }
    }
}
