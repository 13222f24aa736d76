import Archive
import Glibc
import LinuxSystem
import Testing

@Suite("Tar round trip")
struct RoundTripTests {
    typealias Item = TarVector.Item

    static let oddNames: [Path] = [
        "a", "dir/file", Path(bytes: Array(1...255).filter { $0 != 0x2F }), Path("caf\u{E9}"), Path("cafe\u{301}"),
        Path(bytes: [0xFF, 0xFE]), "new\nline", Path(String(repeating: "n", count: 255)),
        Path(Array(repeating: String(repeating: "d", count: 99), count: 40).joined(separator: "/")),
        Path(Array(repeating: String(repeating: "\u{E9}", count: 100), count: 20).joined(separator: "/")),
        Path(String(repeating: "p", count: 150) + "/" + String(repeating: "q", count: 90)), "",
    ]

    @Test("Names of any bytes come back as they were", arguments: oddNames)
    func names(name: Path) throws {
        for type in [EntryType.regular, .directory, .symlink] where !name.isEmpty || type == .directory {
            var entry = ArchiveEntry(path: name, type: type, mode: 0o4755, uid: 1, gid: 2)
            if type == .symlink { entry.linkTarget = name }
            entry.modified.seconds = 1_700_000_000
            #expect(try TarVector.read(TarVector.written([Item(entry: entry)])).map(\.entry) == [entry])
        }
    }

    @Test("The composed and the decomposed form of a name stay two names, in ustar and in PAX")
    func normalization() throws {
        for prefix in ["", String(repeating: "x", count: 200)] {
            let names = [prefix + "e\u{301}", prefix + "\u{E9}"]
            let items = names.map { Item(entry: ArchiveEntry(path: Path($0), type: .regular)) }
            #expect(try TarVector.read(TarVector.written(items)) == items)
        }
        let foreign =
            TarVector.extended(TarVector.record("path", "e\u{301}")) + TarVector.file("a")
            + TarVector.extended(TarVector.record("path", "\u{E9}")) + TarVector.file("b") + TarVector.end
        let paths = try TarVector.read(foreign).map(\.entry.path.bytes)
        #expect(paths == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
    }

    @Test("Types, targets, large numbers, devices, attributes and content come back as they were")
    func everything() throws {
        let long = Path("../" + String(repeating: "x", count: 200))
        let capability = ExtendedAttribute(name: Array("security.capability".utf8), value: [1, 0, 0, 2, 0, 10, 255])
        let user = ExtendedAttribute(name: Array("user.a b".utf8), value: [])
        let items = [
            Item(entry: ArchiveEntry(path: "d", type: .directory, mode: 0o1777, modified: FileTime(seconds: -5))),
            Item(
                entry: ArchiveEntry(
                    path: "d/f", type: .regular, mode: 0o644, uid: 3_000_000, gid: 4_000_000_000, size: 700),
                content: [UInt8](repeating: 7, count: 700)),
            Item(entry: ArchiveEntry(path: "d/h", type: .hardLink, mode: 0o644, linkTarget: "d/f")),
            Item(entry: ArchiveEntry(path: "d/s", type: .symlink, mode: 0o777, linkTarget: long)),
            Item(entry: ArchiveEntry(path: "d/t", type: .symlink, mode: 0o777, linkTarget: Path(bytes: [0xC3, 0x28]))),
            Item(entry: ArchiveEntry(path: "c", type: .characterDevice, device: DeviceNumber(major: 1, minor: 3))),
            Item(
                entry: ArchiveEntry(path: "b", type: .blockDevice, device: DeviceNumber(major: 4095, minor: 1_048_575))),
            Item(entry: ArchiveEntry(path: "p", type: .fifo, mode: 0o600, modified: FileTime(seconds: 1 << 40))),
            Item(
                entry: ArchiveEntry(path: "x", type: .regular, mode: 0o755, size: 1, attributes: [capability, user]),
                content: [1]),
        ]
        let bytes = try TarVector.written(items)
        #expect(try TarVector.read(bytes) == items)
        #expect(try TarVector.written(items) == bytes)
    }

    @Test("Random entries come back as they were")
    func random() throws {
        var generator = SplitMix(state: 20)
        for _ in 0..<60 {
            let items = (0..<20).map { _ in Self.randomItem(&generator) }
            let bytes = try TarVector.written(items)
            #expect(bytes.count % 512 == 0)
            #expect(try TarVector.read(bytes, step: Int.random(in: 1...3000, using: &generator)) == items)
        }
    }

    private static func randomItem(_ generator: inout SplitMix) -> Item {
        let count = Int.random(in: 1...3, using: &generator)
        let components = (0..<count).map { _ in
            let length = [1, 8, 100, 255][Int.random(in: 0..<4, using: &generator)]
            // A first letter keeps "." and ".." out; they would be cleaned away.
            return [0x61]
                + (1..<max(2, length)).map { _ in UInt8.random(in: 1...255, using: &generator) }
                .map { $0 == 0x2F ? 0x30 : $0 }
        }
        var entry = ArchiveEntry(path: Path(bytes: components.joined(separator: [0x2F])), type: .regular)
        entry.mode = UInt16.random(in: 0...0o7777, using: &generator)
        entry.uid = UInt32.random(in: 0..<UInt32.max, using: &generator) >> UInt32.random(in: 0..<32, using: &generator)
        entry.gid = UInt32.random(in: 0..<UInt32.max, using: &generator)
        entry.modified.seconds =
            Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0..<63, using: &generator)
        entry.size = Int64.random(in: 0...1500, using: &generator)
        for index in 0..<Int.random(in: 0...2, using: &generator) {
            let value = (0..<Int.random(in: 1...600, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            entry.attributes.append(ExtendedAttribute(name: Array("user.\(index)".utf8), value: value))
        }
        let content = (0..<Int(entry.size)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Item(entry: entry, content: content)
    }

    @Test("Ustar is enough for the ordinary, and the end is two blocks of zeros")
    func layout() throws {
        let item = Item(entry: ArchiveEntry(path: "f", type: .regular, mode: 0o644, size: 3), content: [1, 2, 3])
        let bytes = try TarVector.written([item])
        #expect(bytes.count == 512 + 512 + 1024)
        #expect(bytes[156] == UInt8(ascii: "0"))
        #expect(bytes[257..<265].elementsEqual(Array("ustar\u{0}00".utf8)))
        #expect(bytes[265..<329].allSatisfy { $0 == 0 })
        #expect(try TarVector.written([]) == TarVector.end)
    }

    @Test("A file that is longer or shorter than announced is refused")
    func sizes() throws {
        let entry = ArchiveEntry(path: "f", type: .regular, size: 3)
        for content: [UInt8] in [[1, 2], [1, 2, 3, 4]] {
            let error = #expect(throws: ArchiveError.self) {
                try TarVector.written([Item(entry: entry, content: content)])
            }
            #expect(error?.code == .wrongSize)
        }
    }

    @Test("An attribute whose name tar cannot hold is refused by name")
    func unrepresentable() throws {
        let attribute = ExtendedAttribute(name: Array("user.a=b".utf8), value: [1])
        let entry = ArchiveEntry(path: "f", type: .regular, attributes: [attribute])
        let error = #expect(throws: ArchiveError.self) { try TarVector.written([Item(entry: entry)]) }
        #expect(error?.code == .unrepresentable)
        #expect(error?.description.contains("user.a=b") == true)
    }
}

/// A random source that gives the same numbers each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
