import Archive
import Glibc
import LinuxSystem
import Testing

@Suite("Tars of and for other programs")
struct InteroperabilityTests {
    typealias V = TarVector

    /// Names that ustar holds and some that need PAX, text or not.
    static let items: [V.Item] = {
        let long = String(repeating: "l", count: 180)
        let text = Array("hello".utf8)
        return [
            V.Item(entry: ArchiveEntry(path: "d", type: .directory, mode: 0o755)),
            V.Item(
                entry: ArchiveEntry(path: "d/f", type: .regular, mode: 0o640, uid: 3_000_000, size: 5), content: text),
            V.Item(entry: ArchiveEntry(path: Path("d/\(long)"), type: .regular, mode: 0o644, size: 5), content: text),
            V.Item(entry: ArchiveEntry(path: "d/link", type: .symlink, mode: 0o777, linkTarget: Path(long))),
            V.Item(
                entry: ArchiveEntry(path: "d/hard", type: .hardLink, mode: 0o640, uid: 3_000_000, linkTarget: "d/f")),
            V.Item(entry: ArchiveEntry(path: Path("d/e\u{301}"), type: .regular, mode: 0o644)),
            V.Item(entry: ArchiveEntry(path: Path("d/\u{E9}"), type: .regular, mode: 0o644)),
            V.Item(entry: ArchiveEntry(path: Path(bytes: Array("d/".utf8) + [0xFF, 0x0A, 0x80]), type: .regular)),
            V.Item(entry: ArchiveEntry(path: Path("d/\(long)/".dropLast() + "\u{E9}"), type: .regular, mode: 0o644)),
            V.Item(entry: ArchiveEntry(path: "d/p", type: .fifo, mode: 0o644, modified: FileTime(seconds: -100))),
        ]
    }()

    @Test(
        "Other programs unpack what we write, byte for byte",
        arguments: [["tar", "-xf"], ["bsdtar", "-xf"], ["python3", "-c"]])
    func unpack(program: [String]) throws {
        let scratch = try TemporaryDirectory()
        try FileSystem.writeFile(scratch.path / "t.tar", V.written(Self.items))
        try FileSystem.makeDirectory(scratch.path / "out", mode: 0o755)
        let script = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])"
        let arguments =
            program[0] == "python3"
            ? ["/usr/bin/python3", "-c", script, "\(scratch.path)/t.tar", "\(scratch.path)/out"]
            : program + ["\(scratch.path)/t.tar", "-C", "\(scratch.path)/out"]
        let outcome = try V.run(arguments, package: "tar, libarchive-tools and python3")
        #expect(outcome.status == 0, "\(program[0]): \(String(decoding: outcome.error, as: UTF8.self))")
        for item in Self.items {
            let status = try FileSystem.status(scratch.path / "out" / item.entry.path)
            #expect(status.uid == item.entry.uid)
            if item.entry.type == .symlink { continue }
            #expect(status.modified.seconds == item.entry.modified.seconds, "\(item.entry.path)")
        }
        #expect(try FileSystem.readFile(scratch.path / "out/d/hard", limit: 100) == Array("hello".utf8))
    }

    @Test("What GNU tar and bsdtar write is read", arguments: ["v7", "ustar", "gnu", "pax"])
    func formats(format: String) throws {
        let scratch = try TemporaryDirectory()
        let directory = scratch.path / "src"
        try FileSystem.makeDirectories(directory / "sub", mode: 0o755)
        let name = Path("sub/" + String(repeating: "n", count: format == "v7" ? 80 : 95))
        try FileSystem.writeFile(directory / name, Array("content".utf8))
        try FileSystem.symlink(target: "sub", at: directory / "link")
        try FileSystem.link(directory / name, to: directory / "zlast")
        for program in ["tar", "bsdtar"] where !(program == "bsdtar" && format == "gnu") {
            let outcome = try V.run(
                [program, "--format=\(format)", "-C", "\(directory)", "-cf", "-", "sub", "link", "zlast"],
                package: "tar and libarchive-tools")
            #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
            let items = try V.read(outcome.output)
            #expect(items.map(\.entry.path) == ["sub", name, "link", "zlast"], "\(program)")
            #expect(items.map(\.entry.type) == [.directory, .regular, .symlink, .hardLink])
            #expect(items.map(\.entry.linkTarget) == [nil, nil, "sub", name])
            #expect(items[1].content == Array("content".utf8))
        }
    }

    @Test("GNU long names and links of any length are read")
    func gnuLong() throws {
        let scratch = try TemporaryDirectory()
        let name = Path(Array(repeating: String(repeating: "x", count: 120), count: 4).joined(separator: "/"))
        try FileSystem.makeDirectories(scratch.path / (name.parent ?? ""), mode: 0o755)
        try FileSystem.writeFile(scratch.path / name, [1])
        try FileSystem.symlink(target: name, at: scratch.path / "to")
        let outcome = try V.run(
            ["tar", "--format=gnu", "-C", "\(scratch.path)", "-cf", "-", "\(name)", "to"], package: "tar")
        let items = try V.read(outcome.output)
        #expect(items.map(\.entry.path) == [name, "to"])
        #expect(items.map(\.entry.linkTarget) == [nil, name])
    }

    @Test(
        "Compressed tars are looked through, for ADD",
        arguments: [["gzip", "-c"], ["bzip2", "-c"], ["xz", "-c"], ["zstd", "-c"], ["cat"]])
    func filters(program: [String]) throws {
        let tar = try V.written(Self.items)
        let blob = try V.run(program, package: program[0], input: tar).output
        #expect(try V.read(blob, formats: .any) == Self.items)
        #expect(ArchiveReader.isArchive(BytesReader(blob)))
        if program[0] != "cat" {
            #expect(throws: ArchiveError.self) { try V.read(Array(blob.dropLast(blob.count / 3)), formats: .any) }
            #expect(throws: ArchiveError.self) { try V.read(blob) }
            let text = try V.run(program, package: program[0], input: Array("just text".utf8)).output
            #expect(!ArchiveReader.isArchive(BytesReader(text)))
        }
    }

    @Test("Files that are no archives are known as such")
    func notArchives() {
        for bytes in [
            [], Array("#!/bin/sh\n".utf8), [UInt8](repeating: 0, count: 1024), [UInt8](repeating: 9, count: 5000),
        ] {
            #expect(!ArchiveReader.isArchive(BytesReader(bytes)))
        }
    }
}
