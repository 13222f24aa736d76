import Archive
import Glibc
import Layers
import LinuxSystem
import Testing

/// Odd but possible layers: order, repetition, names, times and sizes.
@Suite("Layers of any shape")
struct LayerShapeTests {
    @Test("T9: an opaque mark means the same before, between and after its siblings")
    func opaqueOrder() throws {
        var pictures: [TreePicture] = []
        for position in 0..<4 {
            let room = try HostileRoom(.direct)
            var base = RawTar()
            base.addDirectory("d")
            base.add("d/old", content: "old")
            base.add("d/sub/old", content: "old")
            base.addDirectory("d/sub")
            try room.apply(base)
            var tar = RawTar()
            let members: [(inout RawTar) -> Void] = [
                { $0.addDirectory("d") }, { $0.add("d/new", content: "new") }, { $0.addDirectory("d/sub") },
                { $0.add("d/sub/new", content: "new") },
            ]
            for (index, member) in members.enumerated() {
                if index == position { tar.add("d/.wh..wh..opq") }
                member(&tar)
            }
            try room.apply(tar)
            pictures.append(try TreePicture(of: room.root))

            let overlay = try HostileRoom(.overlay())
            let applied = try overlay.apply(tar)
            #expect(applied.contents.opaques == ["d"])
            let mark = try ExtendedAttributes.value(Array("trusted.overlay.opaque".utf8), of: overlay.root / "d")
            #expect(mark == [0x79])
        }
        for picture in pictures {
            let differences = picture.differences(from: pictures[0])
            #expect(differences == [])
        }
        #expect(pictures[0].files["d/old"] == nil && pictures[0].files["d/sub/old"] == nil)
        #expect(pictures[0].files["d/new"] != nil && pictures[0].files["d/sub/new"] != nil)
    }

    @Test("A whiteout beside an entry of the same name leaves the entry, in any order", arguments: [true, false])
    func whiteoutAndEntry(whiteoutFirst: Bool) throws {
        var tar = RawTar()
        if whiteoutFirst {
            tar.add(".wh.d")
            tar.add(".wh.f")
        }
        tar.addDirectory("d")
        tar.add("d/new", content: "new")
        tar.add("f", content: "new")
        if !whiteoutFirst {
            tar.add(".wh.d")
            tar.add(".wh.f")
        }
        let room = try HostileRoom(.direct)
        var base = RawTar()
        base.add("d/old", content: "old")
        base.add("f", content: "old")
        try room.apply(base)
        let applied = try room.apply(tar)
        #expect(applied.contents.opaques == ["d"] && applied.contents.whiteouts == [])
        #expect(try TreePicture.paths(of: room.root) == ["", "d", "d/new", "f"])
        let overlay = try HostileRoom(.overlay())
        #expect(try overlay.apply(tar).contents == applied.contents)
        #expect(try TreePicture.paths(of: overlay.root) == ["", "d", "d/new", "f"])
    }

    @Test("T14: of entries with one name the last wins, in linear time", arguments: forms)
    func duplicates(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        for _ in 0..<500 {
            tar.add("x", content: "file")
            tar.addDirectory("x")
            tar.add("x/child", content: "c")
            tar.addSymlink("x", to: "/nowhere")
        }
        tar.add("x", content: "last")
        let applied = try room.apply(tar)
        #expect(applied.contents.entries.count == 1)
        #expect(try FileSystem.readFile(room.root / "x", limit: 100) == Array("last".utf8))
        try room.holds()
    }

    @Test("T20: more entries, bytes or levels than allowed are refused", arguments: forms)
    func limits(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var many = RawTar()
        for index in 0..<20 { many.add("f\(index)") }
        #expect(code { try room.apply(many, limits: LayerLimits(entries: 10)) } == .limit)
        var large = RawTar()
        large.add("big", content: String(repeating: "x", count: 1000))
        #expect(code { try room.apply(large, limits: LayerLimits(bytes: 999)) } == .limit)
        var deep = RawTar()
        deep.add((0..<20).map { _ in "d" }.joined(separator: "/"))
        #expect(code { try room.apply(deep, limits: LayerLimits(depth: 10)) } == .limit)
        // Each directory with an entry of its own, so that none is implied.
        var steps = RawTar()
        for depth in 1...11 { steps.addDirectory(String(repeating: "s/", count: depth)) }
        #expect(code { try room.apply(steps, limits: LayerLimits(depth: 10)) } == .limit)
        // One name that implies more directories than there may be entries.
        #expect(code { try room.apply(deep, limits: LayerLimits(entries: 15)) } == .limit)
        var attributes = RawTar()
        attributes.addRecords([("SCHILY.xattr.user.a", [UInt8](repeating: 1, count: 1000))])
        attributes.add("file")
        #expect(code { try room.apply(attributes, limits: LayerLimits(attributeBytes: 1000)) } == .limit)
        try room.holds()
    }

    @Test("T25: paths and targets that Linux does not take are refused before anything walks along them")
    func longPaths() throws {
        let long = Array(String(repeating: "a/", count: 300_000).utf8)
        for (key, type) in [("path", "0"), ("linkpath", "2"), ("linkpath", "1")] as [(String, Character)] {
            var tar = RawTar()
            tar.addRecords([(key, long)])
            tar.add("name", type: type, link: "x")
            #expect(code { try TableScanner.scan(tar.reader) } == .unsafePath, "\(key) of type \(type)")
        }
        // Each link is short enough; where they lead together is not.
        let step = String(repeating: "b/", count: 1500)
        var direct = RawTar()
        direct.addRecords([("linkpath", Array(step.utf8))])
        direct.addSymlink("l0", to: "x")
        direct.addRecords([("path", Array(("l0/" + step + "f").utf8))])
        direct.add("f")
        #expect(code { try TableScanner.scan(direct.reader) } == .unsafePath)
        var longest = RawTar()
        longest.addRecords([("path", Array(("x" + String(repeating: "/x", count: 2047)).utf8))])
        longest.add("f")
        #expect(try TableScanner.scan(longest.reader).entries.map(\.entry.path.bytes.count) == [4095])
    }

    @Test("B16: of account files with one name only the last is kept")
    func repeatedAccounts() throws {
        var tar = RawTar()
        for index in 0..<5 {
            tar.add("etc/passwd", content: "user\(index):x:\(index):0::/:/bin/sh\n")
            tar.add("etc/group", content: "group\(index):x:\(index):\n")
        }
        let files = try TableScanner.scan(tar.reader).accountFiles
        #expect(files.passwd == Array("user4:x:4:0::/:/bin/sh\n".utf8))
        #expect(files.group == Array("group4:x:4:\n".utf8))
    }

    @Test("T23: bytes after the archive's end are read too")
    func trailingBytes() throws {
        var tar = RawTar()
        tar.add("x", content: "x")
        let reader = BytesReader(tar.finished + [UInt8](repeating: 0, count: 700_000))
        _ = try TableScanner.scan(reader)
        var rest = [UInt8](repeating: 0, count: 10)
        let count = try rest.withUnsafeMutableBytes { try reader.read(into: $0) }
        #expect(count == 0)
    }

    @Test("T25: names are bytes", arguments: forms)
    func names(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        var names: [[UInt8]] = (1...255).filter { $0 != 0x2F }.map { [UInt8(ascii: "n"), UInt8($0)] }
        names += [Array("\u{E9}".utf8), Array("e\u{301}".utf8), Array("new\nline".utf8)]
        for name in names { tar.add(name, content: name) }
        let long = String(repeating: "l", count: 255)
        tar.addRecords([("path", Array(long.utf8))])
        tar.add("short", content: "x")
        try room.apply(tar)
        let found = try Set(DirectoryListing.entries(at: room.root).map(\.name))
        #expect(found == Set(names.map { Path(bytes: $0) } + [Path(long)]))
        for name in names { #expect(try FileSystem.readFile(room.root / Path(bytes: name), limit: 100) == name) }
        var over = RawTar()
        over.addRecords([("path", Array((long + "l").utf8))])
        over.add("short", content: "x")
        #expect(throws: (any Error).self) { try room.apply(over) }
    }

    @Test("T26: times before 1970, with fractions and far in the future", arguments: forms)
    func times(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.addRecords([("mtime", Array("-100.000000005".utf8))])
        tar.add("early", content: "x")
        tar.add("late", content: "x", modified: 1 << 32)
        let applied = try room.apply(tar)
        let early = try FileSystem.status(room.root / "early").modified
        #expect(early == FileTime(seconds: -101, nanoseconds: 999_999_995))
        #expect(try FileSystem.status(room.root / "late").modified.seconds == 1 << 32)
        #expect(applied.contents.entry(at: "early")?.entry.modified.seconds == -101)
    }

    @Test("T27: missing parents, and children before a directory without permissions", arguments: forms)
    func parents(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var tar = RawTar()
        tar.add("a/b/file", content: "x")
        tar.addDirectory("a/b", mode: 0o000, modified: 42)
        tar.add("a/b/later", content: "x")
        let applied = try room.complete(tar)
        #expect(applied.implicitDirectories == ["", "a"])
        let status = try FileSystem.status(room.root / "a/b")
        #expect(status.mode == 0 && status.modified.seconds == 42)
        #expect(try FileSystem.status(room.root / "a").modified.seconds == 0)
        var file = RawTar()
        file.add("f", content: "x")
        file.add("f/child", content: "x")
        #expect(code { try room.apply(file) } == .invalidEntry)
    }

    @Test("Blocks of zeros become holes", arguments: forms)
    func holes(form: LayerApplier.Form) throws {
        let room = try HostileRoom(form)
        var content = [UInt8](repeating: 0, count: 4 << 20)
        content[1 << 20] = 1
        content[content.count - 1] = 2
        var tar = RawTar()
        tar.add(Array("sparse".utf8), content: content)
        try room.apply(tar)
        let status = try FileSystem.status(room.root / "sparse")
        #expect(status.size == 4 << 20 && status.blocks * 512 < 1 << 20)
        let isWhole = try FileSystem.readFile(room.root / "sparse", limit: 8 << 20) == content
        #expect(isWhole)
    }

    @Test("A hard link to a file of a layer below is a copy of it, and several are one file")
    func deferredLinks() throws {
        let below = try HostileRoom(.overlay())
        var base = RawTar()
        base.add("usr/lib/data", content: "shared", mode: 0o640, uid: 7)
        base.addSymlink("lib", to: "usr/lib")
        base.addDirectory("etc", mode: 0o711, modified: 99)
        try below.complete(base)
        let above = try HostileRoom(.overlay())
        var tar = RawTar()
        tar.addHardLink("etc/one", to: "lib/data")
        tar.addHardLink("two", to: "/usr/lib/data")
        let applied = try above.apply(tar)
        #expect(applied.deferredLinks.map(\.path) == ["etc/one", "two"])
        try LayerApplier.adoptImplicitDirectories(applied, root: above.root, lowers: [below.root])
        #expect(try FileSystem.readFile(above.root / "two", limit: 100) == Array("shared".utf8))
        let status = try FileSystem.status(above.root / "etc/one")
        #expect(status.links == 2 && status.mode == 0o640 && status.uid == 7)
        #expect(try FileSystem.status(above.root / "etc").mode == 0o711)
        #expect(try FileSystem.status(above.root / "etc").modified.seconds == 99)
        let tables = try [TableScanner.scan(base.reader), applied.contents]
        #expect(MergedTree(tables).lookup("etc/one")?.entry.size == 6)
        #expect(MergedTree(tables).lookup("etc/one")?.layer == 1)

        _ = try LayerApplier(root: below.root, form: .direct).apply(tar.reader)
        let one = try FileSystem.status(below.root / "etc/one").inode
        #expect(try FileSystem.status(below.root / "two").inode == one)
    }
}
