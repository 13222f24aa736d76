import Archive
import Codecs
import Layers
import LinuxSystem
import OCISpec
import Testing

@Suite("Tables of contents")
struct TableOfContentsTests {
    static func sample() -> TableOfContents {
        var table = TableOfContents()
        for (index, path) in (["", "a", "a-b", "a/b", "a/b/c", "z", "\u{E9}"] as [Path]).enumerated() {
            var entry = ArchiveEntry(path: path, type: index < 2 ? .directory : .regular)
            entry.mode = UInt16(0o4755 - index)
            entry.uid = UInt32(index) * 0x1234_5678 / 7
            entry.gid = .max
            entry.size = Int64(index) << 33
            entry.modified = FileTime(
                seconds: -5 + Int64(index) * 1_000_000_007, nanoseconds: Int32(index) * 99_999_999)
            entry.attributes = [ExtendedAttribute(name: Array("user.\(index)".utf8), value: [0, 255, 10])]
            table.entries.append(TableEntry(entry, contentDigest: index == 4 ? Digest.sha256(of: [1]) : nil))
        }
        table.entries[2].entry.type = .symlink
        table.entries[2].entry.linkTarget = Path(bytes: [0xFF, 0x2F])
        table.entries[3].entry.type = .characterDevice
        table.entries[3].entry.device = DeviceNumber(major: 4095, minor: 1 << 19)
        table.whiteouts = ["a/gone", "gone"]
        table.opaques = ["a"]
        table.accountFiles = .init(passwd: Array("root:x:0:0::/root:/bin/sh\n".utf8), group: nil)
        return table
    }

    @Test("A table is read back as it was, and its bytes are the same each time")
    func roundTrip() throws {
        let table = Self.sample()
        let bytes = table.encode()
        #expect(try TableOfContents(decoding: bytes) == table)
        #expect(table.encode() == bytes)
        #expect(try TableOfContents(decoding: TableOfContents().encode()) == TableOfContents())
    }

    @Test("Damage anywhere is a typed error, never a crash")
    func damage() {
        let bytes = Self.sample().encode()
        for length in 0..<bytes.count {
            #expect(
                code { try TableOfContents(decoding: Array(bytes.prefix(length))) } == .corruptTable, "\(length) bytes")
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x41
            #expect(code { try TableOfContents(decoding: damaged) } == .corruptTable, "byte \(index)")
        }
        #expect(code { try TableOfContents(decoding: bytes + [0]) } == .corruptTable)
    }

    @Test("A table of what no layer can have is refused, whoever wrote it")
    func impossible() {
        func decoded(_ change: (inout ArchiveEntry) -> Void) -> LayersError.Code? {
            var entry = ArchiveEntry(path: "a", type: .regular)
            change(&entry)
            let bytes = TableOfContents(entries: [TableEntry(entry)]).encode()
            return code { try TableOfContents(decoding: bytes) }
        }
        #expect(decoded { _ in } == nil)
        #expect(decoded { $0.path = Path(String(repeating: "p", count: 4096)) } == .corruptTable)
        #expect(decoded { $0.size = -1 } == .corruptTable)
        #expect(decoded { $0.modified.nanoseconds = 1_000_000_000 } == .corruptTable)
    }

    @Test("50,000 entries are stored in a few bytes each")
    func size() throws {
        var table = TableOfContents()
        for index in 10000..<60000 {
            var entry = ArchiveEntry(
                path: Path("usr/lib/python3/site-packages/package/module\(index).py"), type: .regular)
            entry.mode = 0o644
            entry.size = Int64(index)
            entry.modified.seconds = 1_700_000_000
            table.entries.append(TableEntry(entry))
        }
        let bytes = table.encode()
        #expect(bytes.count < 50_000 * 24)
        #expect(try TableOfContents(decoding: bytes).entries.count == 50_000)
    }
}
