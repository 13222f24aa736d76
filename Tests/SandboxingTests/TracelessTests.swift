import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// A step that changes nothing leaves nothing, whatever was provided to it (THREATS B8, B18).
@Suite struct TracelessTests {
    static let provided = [
        ProvidedFile(path: "/etc/resolv.conf", content: Array("nameserver 192.0.2.1\n".utf8)),
        ProvidedFile(path: "/etc/hosts", content: Array("127.0.0.1 localhost\n".utf8)),
        ProvidedFile(path: "/etc/hostname", content: Array("step\n".utf8)),
    ]

    /// The ways in which a tree can have, or not have, the places.
    static let shapes: [String] = ["present", "missing", "link", "absolute link", "bare"]

    static func tree(_ shape: String) throws -> BusyboxTree {
        let tree = try BusyboxTree(bare: shape == "bare")
        let etc = tree.lower / "etc"
        switch shape {
        case "present":
            for name in ["resolv.conf", "hosts", "hostname"] {
                try FileSystem.writeFile(etc / Path(name), Array("the image's own\n".utf8), mode: 0o600)
                try FileSystem.setModified(etc / Path(name), FileTime(seconds: 1_000_000, nanoseconds: 7))
            }
        case "link":
            try FileSystem.symlink(target: "../run/systemd/resolve/stub.conf", at: etc / "resolv.conf")
        case "absolute link":
            try FileSystem.symlink(target: "/root/../var/resolv.conf", at: etc / "resolv.conf")
            try FileSystem.makeDirectory(tree.lower / "var")
        default: break
        }
        if shape != "bare" {
            try FileSystem.setMode(etc, 0o751)
            try tree.own(etc, uid: 3, gid: 4)
            try FileSystem.setModified(etc, FileTime(seconds: 2_000_000, nanoseconds: 123_456_789))
        }
        for directory in [tree.lower, tree.upper] {
            try FileSystem.setModified(directory, FileTime(seconds: 3_000_000, nanoseconds: 5))
        }
        return tree
    }

    @Test(arguments: shapes) func overlay(_ shape: String) async throws {
        let tree = try Self.tree(shape)
        let (lower, upper) = (try BusyboxTree.listing(of: tree.lower), try BusyboxTree.listing(of: tree.upper))
        let done = try await tree.run("cat /etc/resolv.conf /etc/hosts /etc/hostname; stat -c '%a %u' /etc/resolv.conf")
        {
            $0.files = Self.provided
            if shape == "link" || shape == "absolute link" { $0.command[2] = "cat /etc/resolv.conf; ls -A /dev/pts" }
        }
        #expect(done.status == .exited(0), "\(done.error)")
        #expect(done.lines.first == "nameserver 192.0.2.1")
        #expect(try BusyboxTree.listing(of: tree.upper) == upper)
        #expect(try BusyboxTree.listing(of: tree.lower) == lower)
        let left = try DirectoryListing.entries(at: tree.base).compactMap(\.name.string)
        #expect(left.allSatisfy { $0 == "lower" || $0 == "upper" || $0.hasPrefix("work-") }, "\(left)")
    }

    @Test(arguments: shapes) func plainDirectory(_ shape: String) async throws {
        let tree = try Self.tree(shape)
        let before = try BusyboxTree.listing(of: tree.lower)
        let done = try await tree.run("cat /etc/resolv.conf") {
            $0.root = .directory(tree.lower)
            $0.files = Self.provided
        }
        #expect(done.output == "nameserver 192.0.2.1\n", "\(done.error)")
        #expect(try BusyboxTree.listing(of: tree.lower) == before)
    }

    @Test(.enabled(if: TestRung.current.isRoot), arguments: shapes) func chroot(_ shape: String) async throws {
        let tree = try Self.tree(shape)
        let before = try BusyboxTree.listing(of: tree.lower)
        let done = try await tree.runInChroot("cat /etc/resolv.conf; echo more >>/etc/resolv.conf; echo x >/dev/shm/y")
        {
            $0.files = Self.provided
        }
        #expect(done.output == "nameserver 192.0.2.1\n", "\(done.error)")
        #expect(try BusyboxTree.listing(of: tree.lower) == before)
        #expect(try DirectoryListing.entries(at: tree.base).count == 3)
    }

    @Test func aDirectoryThatTheStepTouchesKeepsItsAttributes() async throws {
        let tree = try Self.tree("missing")
        let done = try await tree.run("echo lost >/etc/resolv.conf; echo kept >/etc/mine") { $0.files = Self.provided }
        #expect(done.status == .exited(0), "\(done.error)")
        #expect(try DirectoryListing.entries(at: tree.upper).map(\.name) == ["etc"])
        #expect(try DirectoryListing.entries(at: tree.upper / "etc").map(\.name) == ["mine"])
        let etc = try tree.truth(tree.upper / "etc")
        #expect(etc.mode == 0o751 && etc.uid == 3 && etc.gid == 4)
    }

    @Test(.enabled(if: TestRung.current.isRoot)) func chrootKeepsWhatTheStepDid() async throws {
        let tree = try Self.tree("present")
        let done = try await tree.runInChroot("rm /etc/hosts; rm /etc/hostname; echo own >/etc/hostname; mkdir /etc/d")
        {
            $0.files = Self.provided
        }
        #expect(done.status == .exited(0), "\(done.error)")
        #expect(!FileSystem.exists(tree.lower / "etc/hosts"))
        #expect(try FileSystem.readFile(tree.lower / "etc/hostname") == Array("own\n".utf8))
        #expect(try FileSystem.readFile(tree.lower / "etc/resolv.conf") == Array("the image's own\n".utf8))
        #expect(
            try FileSystem.status(tree.lower / "etc").modified != FileTime(seconds: 2_000_000, nanoseconds: 123_456_789)
        )
    }

    @Test(.enabled(if: TestRung.current.isRoot)) func aDirectorySwappedForALinkLosesNothingOutside() async throws {
        let tree = try BusyboxTree()
        let canary = tree.base / "canary"
        try FileSystem.makeDirectory(canary)
        try FileSystem.writeFile(canary / "x", Array("precious".utf8))
        let before = try BusyboxTree.listing(of: canary)
        try FileSystem.makeDirectory(tree.lower / "l")
        let done = try await tree.runInChroot("mv /l /moved && ln -s \(canary) /l") {
            $0.files = [ProvidedFile(path: "/l/x", content: Array("ours".utf8))]
        }
        #expect(done.status == .exited(0), "\(done.error)")
        #expect(try BusyboxTree.listing(of: canary) == before)
        #expect(!FileSystem.exists(tree.lower / "moved/x"), "our own inode is found where the step took it")
    }

    @Test(.enabled(if: TestRung.current.isRoot), arguments: ["/etc/resolv.conf", "/etc/new"])
    func aFullDiskCostsTheTreeNothing(_ path: String) throws {
        let folder = try TemporaryDirectory(prefix: "sandboxing-full-")
        let mounted = try ChildProcess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", "\(folder.path)"])
        try #require(mounted.status == 0, "\(String(decoding: mounted.error, as: UTF8.self))")
        defer { _ = try? ChildProcess.run(["umount", "-l", "\(folder.path)"]) }
        let root = folder.path / "tree"
        try FileSystem.makeDirectories(root / "etc")
        try FileSystem.writeFile(root / "etc/resolv.conf", Array("the image's own\n".utf8))
        let before = try BusyboxTree.listing(of: root)
        let amendments = try TreeAmendments(root: root)
        let error = #expect(throws: SystemError.self) {
            try amendments.during {
                try amendments.put(Path(path), content: [UInt8](repeating: 1, count: 1 << 20), mode: 0o644)
            }
        }
        #expect(error?.errno.code == ENOSPC)
        #expect(try BusyboxTree.listing(of: root) == before)
    }

    @Test func anImageCannotLeadAProvidedFileOut() async throws {
        let tree = try BusyboxTree()
        let canary = tree.base / "canary"
        try FileSystem.makeDirectory(canary)
        let before = try BusyboxTree.listing(of: canary)
        try FileSystem.removeDirectory(tree.lower / "etc")
        try FileSystem.symlink(target: Path("../../../../../../../../../../..") / canary, at: tree.lower / "etc")
        for sandbox in try TestRung.current.isRoot
            ? [NamespaceSandbox(), ChrootSandbox()] : [TestRung.sandbox] as [any Sandbox]
        {
            let spec = tree.spec("cat /etc/resolv.conf") {
                $0.root = .directory(tree.lower)
                $0.files = Self.provided
            }
            #expect(try await Transcript.of(sandbox, spec).output == "nameserver 192.0.2.1\n")
            #expect(try BusyboxTree.listing(of: canary) == before)
        }
    }

    @Test func whatStandsInTheWayIsNamed() async throws {
        let tree = try BusyboxTree()
        try FileSystem.makeDirectory(tree.lower / "etc/resolv.conf")
        let error = await #expect(throws: SandboxError.self) {
            try await tree.run("true") { $0.files = [Self.provided[0]] }
        }
        #expect(error?.code == .tree)
        #expect(error?.subject == "/etc/resolv.conf")
        try FileSystem.symlink(target: "loop", at: tree.lower / "loop")
        await #expect(throws: SystemError.self) {
            try await tree.run("true") { $0.files = [ProvidedFile(path: "/loop", content: [])] }
        }
    }

    @Test func whiteoutsAndOpaqueDirectoriesHideWhatIsBelow() async throws {
        let tree = try BusyboxTree()
        try FileSystem.writeFile(tree.lower / "etc/resolv.conf", Array("below".utf8))
        let middle = tree.base / "middle"
        try FileSystem.makeDirectories(middle / "etc")
        try FileSystem.makeNode(middle / "etc/resolv.conf", type: .characterDevice, mode: 0)
        try FileSystem.makeNode(middle / "proc", type: .characterDevice, mode: 0)
        let layers = [tree.upper, middle, tree.lower]
        let root = RootTree.overlay(lowers: [middle, tree.lower], upper: tree.upper, work: tree.base, base: tree.base)
        let prefix = try TestRung.overlayPrefix
        #expect(LayeredTree(root, overlayPrefix: prefix).layers == layers)
        let layout = try TreeLayout(
            of: tree.spec("") { $0.files = Self.provided }, in: LayeredTree(root, overlayPrefix: prefix))
        #expect(layout.missing.map(\.path) == ["/proc", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname"])
        try ExtendedAttributes.set(Array("\(prefix)opaque".utf8), [0x79], of: middle / "etc")
        try FileSystem.unlink(middle / "etc/resolv.conf")
        let opaque = try TreeLayout(
            of: tree.spec("") { $0.files = Self.provided }, in: LayeredTree(root, overlayPrefix: prefix))
        #expect(opaque.missing.contains { $0.path == "/etc/resolv.conf" })
    }
}
