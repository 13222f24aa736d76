import Archive
import Codecs
import LinuxSystem
import OCISpec
import TestSupport
import Testing

@testable import Layers

@Suite("Shapes of layers")
struct ShapeTests {
    private func directory(_ path: Path, mode: UInt16 = 0o755, modified: Int64 = 0) -> TableEntry {
        TableEntry(ArchiveEntry(path: path, type: .directory, mode: mode, modified: FileTime(seconds: modified)))
    }

    private func table(_ entries: [TableEntry]) -> TableOfContents {
        TableOfContents(entries: entries.sorted { $0.entry.path < $1.entry.path })
    }

    @Test("is read back as it was, and its bytes are the same each time")
    func roundTrip() throws {
        let table = TableOfContentsTests.sample()
        let bytes = table.encodeShape()
        #expect(try TableOfContents(decodingShape: bytes) == table.shape)
        #expect(table.encodeShape() == bytes && table.shape.encodeShape() == bytes)
        #expect(table.shape.shape == table.shape)
        let empty = TableOfContents()
        #expect(try TableOfContents(decodingShape: empty.encodeShape()) == empty)
    }

    @Test("keeps all of a directory, the target of a link, and of a file that it is one")
    func kept() throws {
        var described = directory("a", mode: 0o1770, modified: -5)
        described.entry.uid = 7
        described.entry.gid = .max
        described.entry.attributes = [ExtendedAttribute(name: Array("user.x".utf8), value: [0, 255])]
        var fraction = described
        fraction.entry.modified.nanoseconds = 5
        let file = TableEntry(
            ArchiveEntry(path: "a/f", type: .regular, mode: 0o4755, uid: 3, size: 99, modified: FileTime(seconds: 8)))
        let entries: [TableEntry] = [
            fraction, file, TableEntry(ArchiveEntry(path: "a/fifo", type: .fifo, mode: 0o600)),
            TableEntry(ArchiveEntry(path: "a/link", type: .symlink, mode: 0o777, uid: 5, linkTarget: "../x")),
            TableEntry(ArchiveEntry(path: "a/same", type: .hardLink, linkTarget: "a/f")),
            TableEntry(ArchiveEntry(path: "a/tolink", type: .hardLink, linkTarget: "a/link")),
            TableEntry(ArchiveEntry(path: "b/deep/below", type: .hardLink, linkTarget: "usr/bin/below")),
        ]
        let shape = try TableOfContents(decodingShape: table(entries).encodeShape())
        #expect(
            shape.entries.map(\.entry) == [
                described.entry, ArchiveEntry(path: "a/f", type: .regular),
                ArchiveEntry(path: "a/fifo", type: .regular),
                ArchiveEntry(path: "a/link", type: .symlink, linkTarget: "../x"),
                ArchiveEntry(path: "a/same", type: .regular),
                // What these are only the layers below, or the link, can say.
                ArchiveEntry(path: "a/tolink", type: .hardLink, linkTarget: "a/link"),
                ArchiveEntry(path: "b/deep/below", type: .hardLink, linkTarget: "usr/bin/below"),
            ])
        #expect(MergedTree([shape]).lookup("a/tolink")?.entry.type == .symlink)
        #expect(MergedTree([shape]).lookup("b/deep")?.entry.type == .directory)
    }

    @Test("names whose order as paths is not that of a walk")
    func order() throws {
        let paths: [Path] = ["a", "a-b", "a-b/c", "a.d", "a/x", "a/x.y", "a/x/z", "a0", "b"]
        let folders: Set<Path> = ["a", "a-b", "a/x"]
        let entries = paths.map {
            folders.contains($0) ? directory($0) : TableEntry(ArchiveEntry(path: $0, type: .regular))
        }
        let shape = try TableOfContents(decodingShape: table(entries).encodeShape())
        #expect(shape.entries.map(\.entry.path) == paths.sorted())
        #expect(shape == table(entries).shape)
    }

    @Test("damage is a typed error or another shape, never a crash; whatever is read can be written again")
    func damage() {
        let bytes = TableOfContentsTests.sample().encodeShape()
        for length in 0..<bytes.count {
            #expect(code { try TableOfContents(decodingShape: Array(bytes.prefix(length))) } == .corruptTable)
        }
        #expect(code { try TableOfContents(decodingShape: bytes + [0]) } == .corruptTable)
        var random = RandomImage.Generator(seed: 4)
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let shape = try TableOfContents(decodingShape: damaged)
                let paths = shape.entries.map(\.entry.path)
                let isOrdered = zip(paths, paths.dropFirst()).allSatisfy { $0 < $1 }
                #expect(isOrdered && !paths.contains { $0.hasParentReference })
            } catch {
                #expect(error.code == .corruptTable)
            }
        }
    }

    @Test("a walk that climbs out of its root, or goes down for ever, is refused")
    func hostile() {
        func decoded(_ kinds: String, _ names: [String], targets: [String] = []) -> LayersError.Code? {
            var columns = ShapeColumns()
            columns.kinds = Array(kinds.utf8)
            for name in names { columns.names += Array(name.utf8) + [0] }
            for target in targets { columns.targets += Array(target.utf8) + [0] }
            for _ in 0..<4 { columns.rest.append(0) }
            return code { try TableOfContents(decodingShape: columns.encoded) }
        }
        #expect(decoded("if", ["", "a"]) == nil)
        for (kinds, names) in [
            ("", []), ("f", [""]), ("e", []), ("ie", [""]), ("i", ["a"]), ("if", ["", ".."]), ("if", ["", "."]),
            ("if", ["", "a/b"]), ("if", ["", ""]), ("iff", ["", "a", "a"]), ("if", [""]), ("if", ["", "a", "b"]),
            ("ix", ["", "a"]), ("il", ["", "a"]), ("id", ["", "a"]),
        ] as [(String, [String])] {
            #expect(decoded(kinds, names) == .corruptTable, "\(kinds) \(names)")
        }
        let deep = 5000
        #expect(
            decoded(String(repeating: "i", count: deep), [""] + Array(repeating: "d", count: deep - 1))
                == .corruptTable)
    }

    @Test("a real Debian takes some five bytes an entry")
    func size() throws {
        let archive = try DebianBase.archive()
        let table = try TableScanner.scan(FileByteReader(archive))
        let output = BytesWriter()
        let compressor = ParallelCompressor(.best, threads: 1, output: output)
        try compressor.write(table.encodeShape())
        try compressor.finish()
        #expect(table.entries.count > 4000)
        #expect(output.bytes.count < table.entries.count * 5)
        let isSame = try TableOfContents(decodingShape: table.encodeShape()) == table.shape
        #expect(isSame)
    }
}
