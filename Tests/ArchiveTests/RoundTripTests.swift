import Archive
import Glibc
import LinuxSystem
import Testing

@Suite("Tar round trip")
struct RoundTripTests {
    static func tar(_ entries: [(ArchiveEntry, [UInt8])]) throws -> [UInt8] {
        let output = BytesWriter()
        let writer = TarWriter(output)
        for (entry, content) in entries {
            try writer.append(entry)
            try content.withUnsafeBytes { try writer.write($0) }
        }
        try writer.finish()
        return output.bytes
    }

    static func read(_ bytes: [UInt8], formats: ArchiveReader.Formats = .tar) throws -> [(ArchiveEntry, [UInt8])] {
        let reader = try ArchiveReader(BytesReader(bytes), formats: formats)
        var found: [(ArchiveEntry, [UInt8])] = []
        while let entry = try reader.next() {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1000)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { break }
                content += buffer[..<count]
            }
            found.append((entry, content))
        }
        return found
    }

    static let oddNames: [Path] = [
        "a", "dir/file", Path(bytes: Array(1...255).filter { $0 != 0x2F }), Path("caf\u{E9}"), Path("cafe\u{301}"),
        Path(bytes: [0xFF, 0xFE]), "new\nline", Path(String(repeating: "n", count: 255)),
        Path(Array(repeating: String(repeating: "d", count: 99), count: 40).joined(separator: "/")),
        Path(String(repeating: "p", count: 150) + "/" + String(repeating: "q", count: 90)), "",
    ]

    @Test("names of any bytes come back as they were", arguments: oddNames)
    func names(name: Path) throws {
        var entry = ArchiveEntry(path: name, type: name.isEmpty ? .directory : .regular, mode: 0o4755, uid: 1, gid: 2)
        entry.modified.seconds = 1_700_000_000
        let read = try Self.read(Self.tar([(entry, [])]))
        #expect(read.map(\.0) == [entry])
    }

    @Test("types, targets, large numbers, devices, attributes and content come back as they were")
    func everything() throws {
        var entries: [(ArchiveEntry, [UInt8])] = []
        entries.append((ArchiveEntry(path: "d", type: .directory, mode: 0o1777, modified: FileTime(seconds: -5)), []))
        entries.append(
            (
                ArchiveEntry(path: "d/f", type: .regular, mode: 0o644, uid: 3_000_000, gid: 4_000_000_000, size: 700),
                [UInt8](repeating: 7, count: 700)
            ))
        entries.append((ArchiveEntry(path: "d/h", type: .hardLink, mode: 0o644, linkTarget: "d/f"), []))
        entries.append(
            (
                ArchiveEntry(
                    path: "d/s", type: .symlink, mode: 0o777,
                    linkTarget: Path("../" + String(repeating: "x", count: 200))), []
            ))
        entries.append(
            (ArchiveEntry(path: "d/t", type: .symlink, mode: 0o777, linkTarget: Path(bytes: [0xC3, 0x28])), []))
        entries.append(
            (ArchiveEntry(path: "c", type: .characterDevice, mode: 0o666, device: DeviceNumber(major: 1, minor: 3)), [])
        )
        entries.append(
            (ArchiveEntry(path: "b", type: .blockDevice, mode: 0o660, device: DeviceNumber(major: 8, minor: 1)), []))
        entries.append((ArchiveEntry(path: "p", type: .fifo, mode: 0o600, modified: FileTime(seconds: 1 << 40)), []))
        let capability = ExtendedAttribute(name: Array("security.capability".utf8), value: [1, 0, 0, 2, 0, 10, 255])
        let user = ExtendedAttribute(name: Array("user.a b".utf8), value: [])
        entries.append(
            (ArchiveEntry(path: "x", type: .regular, mode: 0o755, size: 1, attributes: [capability, user]), [1]))
        let read = try Self.read(Self.tar(entries))
        #expect(read.map(\.0) == entries.map(\.0))
        #expect(read.map(\.1) == entries.map(\.1))
    }

    @Test("a file that is longer or shorter than announced is refused")
    func sizes() throws {
        let entry = ArchiveEntry(path: "f", type: .regular, size: 3)
        #expect(throws: ArchiveError.self) { try Self.tar([(entry, [1, 2])]) }
        #expect(throws: ArchiveError.self) { try Self.tar([(entry, [1, 2, 3, 4])]) }
    }

    @Test("a tar cut off inside an entry is refused")
    func truncation() throws {
        let whole = try Self.tar([
            (ArchiveEntry(path: "f", type: .regular, mode: 0o644, size: 1500), [UInt8](repeating: 1, count: 1500))
        ])
        for length in stride(from: 513, to: 512 + 1500, by: 61) {
            #expect(throws: (any Error).self, "a prefix of \(length) bytes") { try Self.read(Array(whole[..<length])) }
        }
    }

    @Test("bsdtar lists what we write")
    func interoperability() throws {
        let scratch = try TemporaryDirectory()
        let bytes = try Self.tar([
            (ArchiveEntry(path: "d", type: .directory, mode: 0o755), []),
            (
                ArchiveEntry(
                    path: Path("d/" + String(repeating: "l", count: 180)), type: .regular, mode: 0o644, size: 2),
                [1, 2]
            ),
        ])
        try FileSystem.writeFile(scratch.path / "t.tar", bytes)
        for program in [["bsdtar", "-tf"], ["tar", "-tf"], ["python3", "-m", "tarfile", "-l"]] {
            let outcome = try ChildProcess.run(program + ["\(scratch.path)/t.tar"])
            #expect(outcome.status == 0, "\(program[0]) (package libarchive-tools, tar or python3) reads it")
            let listed = String(decoding: outcome.output, as: UTF8.self)
            #expect(listed.split(separator: "\n").count == 2, "\(program[0]): \(listed)")
        }
    }
}
