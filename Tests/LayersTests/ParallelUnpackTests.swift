import Archive
import Glibc
import Layers
import LinuxSystem
import Testing

/// Files are made by several threads; nothing of that may show.
@Suite("Unpacking by several threads")
struct ParallelUnpackTests {
    /// A layer in which names, links, deletions and replaced files follow one another closely.
    private static func layer(seed: UInt64) -> RawTar {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var tar = RawTar()
        var names: [String] = []
        for index in 0..<1500 {
            let folder = (0..<next(4)).map { _ in "d\(next(5))" }.joined(separator: "/")
            let name = folder + (folder.isEmpty ? "" : "/") + "f\(next(400))"
            let mode = UInt32(next(0o10000))
            switch next(24) {
            case 0 where !folder.isEmpty: tar.addDirectory(folder, mode: mode, modified: Int64(index))
            case 1: tar.addSymlink(name + "l", to: "f\(next(400))")
            case 2 where !names.isEmpty: tar.addHardLink("h\(index)", to: names[Int(next(UInt64(names.count)))])
            case 3: tar.add((folder.isEmpty ? "" : folder + "/") + ".wh.f\(next(400))")
            case 4 where !folder.isEmpty: tar.add(folder + "/.wh..wh..opq")
            case 5 where !names.isEmpty: tar.add(names[Int(next(UInt64(names.count)))], content: "again", mode: mode)
            default:
                let size = next(60) == 0 ? 300_000 : Int(next(3000))
                tar.add(
                    Array(name.utf8), content: [UInt8](repeating: UInt8(next(256)), count: size), mode: mode,
                    uid: UInt32(next(3)), gid: UInt32(next(3)), modified: Int64(index))
                names.append(name)
            }
        }
        return tar
    }

    private func unpack(
        _ tar: RawTar, _ form: LayerApplier.Form, threads: Int, over base: RawTar? = nil
    ) throws -> (tree: TreePicture, table: TableOfContents) {
        let folder = try TemporaryDirectory(prefix: "ocibuild-threads-")
        let root = folder.path / "root"
        try FileSystem.makeDirectory(root)
        try FileSystem.setModified(root, FileTime(seconds: 12345))
        if let base { _ = try LayerApplier(root: root, form: form, threads: threads).apply(base.reader) }
        let applied = try LayerApplier(root: root, form: form, threads: threads).apply(tar.reader)
        var tree = try TreePicture(of: root)
        // What an overlay takes for a deletion has no time of its own.
        for (path, file) in tree.files where file.type == .characterDevice { tree.files[path]?.seconds = 0 }
        return (tree, applied.contents)
    }

    @Test("The tree and the table are those of one thread", arguments: forms, 1...6 as ClosedRange<UInt64>)
    func sameTree(form: LayerApplier.Form, seed: UInt64) throws {
        let (tar, base) = (Self.layer(seed: seed), form == .direct ? Self.layer(seed: seed + 100) : nil)
        let one = try unpack(tar, form, threads: 0, over: base)
        for threads in [1, 4] {
            let several = try unpack(tar, form, threads: threads, over: base)
            #expect(several.tree.differences(from: one.tree) == [])
            #expect(several.table == one.table)
        }
    }

    @Test("Of several failures the first in the layer is told, whoever met it", arguments: forms)
    func firstFailure(form: LayerApplier.Form) throws {
        let long = String(repeating: "n", count: 300)
        var tar = RawTar()
        for index in 0..<2000 {
            let isBad = [731, 733, 1100, 1900].contains(index)
            if isBad { tar.addRecords([("path", Array("d\(index / 40)/\(index)\(long)".utf8))]) }
            tar.add("d\(index / 40)/\(index)", content: String(repeating: "x", count: index % 50 * 100))
        }
        for cut in [0, 700_000] {
            let reader = BytesReader(Array(tar.finished.dropLast(cut)))
            for _ in 0..<10 {
                let room = try HostileRoom(form)
                let error = #expect(throws: SystemError.self) {
                    try LayerApplier(root: room.root, form: form, threads: 4).apply(BytesReader(tar.finished))
                }
                #expect(error?.path?.bytes.starts(with: Array("d18/731".utf8)) ?? false)
                #expect(error?.errno == .nameTooLong)
                try room.holds()
            }
            // The archive's own failure comes later in it.
            let room = try HostileRoom(form)
            let error = #expect(throws: SystemError.self) {
                try LayerApplier(root: room.root, form: form, threads: 4).apply(reader)
            }
            #expect(error?.errno == .nameTooLong)
        }
    }

    @Test("After a failure nothing more is made", arguments: forms)
    func nothingLater(form: LayerApplier.Form) throws {
        var tar = RawTar()
        for index in 0..<500 { tar.add("d\(index / 100)/\(index)", content: "x") }
        tar.add("../out", content: "x")
        let room = try HostileRoom(form)
        #expect(code { try LayerApplier(root: room.root, form: form, threads: 4).apply(tar.reader) } == .unsafePath)
        let before = try TreePicture.paths(of: room.root)
        #expect(before.count == 1 + 5 + 500)
        try FileSystem.removeTree(room.root)
        #expect(!FileSystem.exists(room.root))
    }

    @Test("Owners and modes do not depend on those of the directory, nor on when it is described", arguments: [0, 4])
    func setGroup(threads: Int) throws {
        var tar = RawTar()
        tar.addDirectory("first", mode: 0o2775)
        for index in 0..<300 { tar.add("first/\(index)", content: "x", mode: 0o664) }
        for index in 0..<300 { tar.add("second/a\(index)", content: "x", mode: 0o4711) }
        tar.add("second", type: "5", mode: 0o2777, gid: 50)
        for index in 0..<300 { tar.add("second/b\(index)", content: "x", mode: 0o666) }
        tar.addSymlink("second/link", to: "x")
        tar.add("second/inner", type: "5", mode: 0o755, uid: 3)
        let picture = try unpack(tar, .overlay(), threads: threads).tree
        for index in 0..<300 {
            for (name, mode) in [("first/\(index)", 0o664), ("second/a\(index)", 0o4711), ("second/b\(index)", 0o666)] {
                let file = try #require(picture.files[Path(name)])
                guard file.mode == UInt16(mode), file.uid == 0, file.gid == 0 else {
                    Issue.record("\(name) is \(file.uid):\(file.gid) \(String(file.mode, radix: 8))")
                    return
                }
            }
        }
        #expect(picture.files["second/link"]?.gid == 0)
        let inner = try #require(picture.files["second/inner"])
        #expect(inner.mode == 0o755 && inner.uid == 3 && inner.gid == 0)
        #expect(picture.files["second"]?.mode == 0o2777 && picture.files["second"]?.gid == 50)
    }

    @Test("Modes are those of the layer below a default access control list", arguments: [true, false])
    func defaultList(isOfRoot: Bool) throws {
        let folder = try TemporaryDirectory(prefix: "ocibuild-acl-")
        let root = folder.path / "root"
        try FileSystem.makeDirectory(root)
        // Version 2; user::rwx, group::r-x, other::---; see acl(5) and linux/posix_acl_xattr.h.
        let entries: [[UInt8]] = [[1, 0, 7, 0], [4, 0, 5, 0], [32, 0, 0, 0]]
        let list: [UInt8] = [2, 0, 0, 0] + entries.flatMap { $0 + [255, 255, 255, 255] }
        let name = Array("system.posix_acl_default".utf8)
        var tar = RawTar()
        tar.add("before", content: "x", mode: 0o666)
        if isOfRoot {
            try ExtendedAttributes.set(name, list, of: root)
        } else {
            tar.addRecords([("SCHILY.xattr.system.posix_acl_default", list)])
        }
        tar.addDirectory("d", mode: 0o777)
        for index in 0..<200 { tar.add("d/\(index)", content: "x", mode: 0o666) }
        tar.addDirectory("d/e", mode: 0o777)
        _ = try LayerApplier(root: root, form: .overlay(), threads: 2).apply(tar.reader)
        #expect(try ExtendedAttributes.value(name, of: root / "d") == list)
        for file in ["before", "d/0", "d/150", "d/199"] as [Path] {
            #expect(try FileSystem.status(root / file).mode == 0o666, "\(file)")
        }
        #expect(try FileSystem.status(root / "d/e").mode == 0o777)
    }

    @Test("The file mode mask of the process stays what it was")
    func mask() throws {
        func mask() throws -> String? {
            String(decoding: try FileSystem.readFile("/proc/self/status"), as: UTF8.self)
                .split(separator: "\n").first { $0.hasPrefix("Umask:") }.map(String.init)
        }
        let before = try mask()
        _ = try unpack(Self.layer(seed: 9), .overlay(), threads: 4)
        #expect(try mask() == before)
        #expect(before != "Umask:\t0000")
    }

    @Test("A tree of many directories needs few descriptors", arguments: forms)
    func descriptors(form: LayerApplier.Form) throws {
        var tar = RawTar()
        for index in 0..<3000 { tar.add("d\(index % 60)/e\(index)/f", content: "x") }
        let room = try HostileRoom(form)
        _ = try LayerApplier(root: room.root, form: form, threads: 4).apply(tar.reader)
        #expect(try TreePicture.paths(of: room.root).count == 1 + 60 + 2 * 3000)
        // None is left open on the tree, which may be a mount point.
        let open = try DirectoryListing.entries(at: "/proc/self/fd").compactMap {
            try? FileSystem.readLink("/proc/self/fd" / $0.name)
        }
        #expect(!open.contains { $0.hasPrefix(room.root) })
    }
}
