import Archive
import Layers
import LinuxSystem
import Testing

@Suite("Merged trees")
struct MergedTreeTests {
    /// Tables of layers made by these steps, bottom first.
    static func tree(_ layers: [(inout RawTar) -> Void]) throws -> MergedTree {
        MergedTree(
            try layers.map { layer in
                var tar = RawTar()
                layer(&tar)
                return try TableScanner.scan(tar.reader)
            })
    }

    @Test("Upper layers win, deletions hide, opaque directories hide all below")
    func hiding() throws {
        let tree = try Self.tree([
            {
                $0.addDirectory("d", mode: 0o700)
                $0.add("d/one", content: "1")
                $0.add("d/two", content: "22")
                $0.add("e/x", content: "x")
                $0.add("f", content: "f")
            },
            {
                $0.add("d/two", content: "new")
                $0.add(".wh.f")
                $0.addDirectory("e", mode: 0o711)
                $0.add("e/.wh..wh..opq")
                $0.add("e/y", content: "y")
            },
        ])
        #expect(tree.walk().map(\.entry.path) == ["", "d", "d/one", "d/two", "e", "e/y"])
        #expect(tree.lookup("d/two")?.entry.size == 3 && tree.lookup("d/two")?.layer == 1)
        #expect(tree.lookup("d/one")?.layer == 0)
        #expect(tree.lookup("d")?.entry.mode == 0o700)
        #expect(tree.lookup("e")?.entry.mode == 0o711)
        #expect(!tree.exists("f") && !tree.exists("e/x") && !tree.exists("d/one/x"))
        #expect(tree.children(of: "d").map(\.entry.path) == ["d/one", "d/two"])
    }

    @Test("A file in the place of a directory hides what it held, and the other way round")
    func typeChange() throws {
        let tree = try Self.tree([
            {
                $0.add("d/one", content: "1")
                $0.add("f", content: "f")
            },
            {
                $0.add("d", content: "now a file")
                $0.addDirectory("f")
            },
            { $0.add("d/three", content: "3") },
        ])
        #expect(tree.walk().map(\.entry.path) == ["", "d", "d/three", "f"])
        #expect(tree.lookup("f")?.entry.type == .directory)
    }

    @Test("B4, B5: symbolic links are resolved inside the tree, as if it were the root")
    func links() throws {
        let tree = try Self.tree([
            {
                $0.addDirectory("usr/lib")
                $0.addSymlink("lib", to: "usr/lib")
                $0.addSymlink("d", to: "/")
                $0.addSymlink("up", to: "../../../usr")
                $0.addSymlink("x", to: "y")
                $0.addSymlink("y", to: "x")
                $0.add("etc/hostname", content: "here")
            },
            { $0.addSymlink("usr/lib/deep", to: "../../etc") },
        ])
        #expect(try tree.resolve("/lib/deep/hostname", followFinal: true) == "etc/hostname")
        #expect(try tree.resolve("d/etc/hostname", followFinal: true) == "etc/hostname")
        #expect(try tree.resolve("up/lib/../../../..", followFinal: true) == "")
        #expect(try tree.resolve("lib", followFinal: false) == "lib")
        #expect(try tree.resolve("lib/new/dir", followFinal: true) == "usr/lib/new/dir")
        #expect(code { try tree.resolve("x", followFinal: true) } == .symlinkLoop)
        #expect(code { try tree.resolve("etc/hostname/x", followFinal: true) } == .invalidEntry)
    }

    @Test("A hard link is found as the file that it names")
    func hardLinks() throws {
        let tree = try Self.tree([
            {
                $0.add("a", content: "four")
                $0.addHardLink("b", to: "a")
            },
            { $0.addHardLink("c", to: "b") },
        ])
        for path in ["a", "b", "c"] as [Path] {
            #expect(tree.lookup(path)?.entry.type == .regular && tree.lookup(path)?.entry.size == 4, "\(path)")
        }
        #expect(tree.lookup("c")?.layer == 1)
    }

    @Test("Accounts are those of the topmost files")
    func accounts() throws {
        let tree = try Self.tree([
            {
                $0.add("etc/passwd", content: "root:x:0:0::/root:/bin/sh\n")
                $0.add("etc/group", content: "root:x:0:\nstaff:x:50:app\n")
            },
            { $0.add("etc/passwd", content: "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n") },
        ])
        let app = try tree.accounts.identity(of: "app")
        #expect(app == Accounts.Identity(uid: 1000, gid: 1001, groups: [50, 1001], home: "/home/app"))
    }
}
