import Archive
import Codecs
import LinuxSystem
import OCISpec

/// What a regular file holds: its digest, and the beginning of it for messages.
struct FileContent: Sendable {
    let digest: Digest
    let beginning: [UInt8]

    /// Reads the content of the reader's entry. Blocks.
    init(_ reader: ArchiveReader) throws {
        var hasher = SHA256Hasher()
        var beginning: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while true {
                let count = try reader.read(into: buffer)
                guard count > 0 else { break }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hasher.update(bytes)
                if beginning.count < 1 << 14 { beginning += bytes.prefix(1 << 14 - beginning.count) }
            }
        }
        digest = hasher.finalize()
        self.beginning = beginning
    }

    /// The first lines that only one of two texts has; nil where they are no texts.
    static func lines(_ one: FileContent?, _ two: FileContent?) -> (String, String)? {
        guard let text = one.flatMap({ String(validating: $0.beginning, as: UTF8.self) }),
            let other = two.flatMap({ String(validating: $0.beginning, as: UTF8.self) }), !text.contains("\0")
        else { return nil }
        let (lines, others) = (text.split(separator: "\n"), other.split(separator: "\n"))
        func only(_ lines: [Substring], _ others: [Substring]) -> String {
            let known = Set(others)
            return lines.filter { !known.contains($0) }.prefix(3).map { "\"\($0.prefix(120))\"" }.joined(separator: " ")
        }
        return (only(lines, others), only(others, lines))
    }
}
