import Glibc
import LinuxSystem
import Synchronization
import Testing

@testable import Sandboxing

/// What is mounted comes from where it should and goes where it should, whatever links say and whoever moves them
/// meanwhile (THREATS B6, B7, B8, B11, B13).
@Suite struct MountContainmentTests {
    @Test func thePlanTakesHoldBeforeTheRootChanges() throws {
        let tree = try BusyboxTree()
        try FileSystem.makeDirectories(tree.base / "source/dir")
        var spec = SandboxPlanTests.spec
        spec.root = tree.overlay
        spec.mounts = [
            SandboxMount(.tree(root: tree.base / "source", path: "dir", isReadOnly: true), at: "/a"),
            SandboxMount(
                .merged(
                    .init(
                        lowers: [tree.base / "source"], upper: tree.base / "u", work: tree.base / "w",
                        point: tree.base / "p", base: tree.base), path: ".", isReadOnly: false), at: "/a/dir"),
            SandboxMount(.temporary(size: 4096), at: "/t"),
            SandboxMount(.file([1, 2], mode: 0o400, uid: 5, gid: 6), at: "/t/file"),
        ]
        #expect(throws: SandboxError.self, "nothing can be made in what is read-only") {
            try TreeLayout(of: spec, in: LayeredTree(spec.root))
        }
        spec.mounts[1].target = "/b"
        let layout = try TreeLayout(of: spec, in: LayeredTree(spec.root))
        #expect(layout.missing.map(\.path) == ["/a", "/b", "/t"])
        let plan = try SandboxPlan.namespaces(spec, layout: layout)
        let lines = plan.description.split(separator: "\n").map(String.init)
        let base = tree.base
        let pivot = try #require(lines.firstIndex(of: "pivot_root . ."))
        #expect(
            lines[2..<6].map { $0 } == [
                "open-tree 0 \(base)/source dir", "cd \(base)",
                "mount -t overlay -o nodev overlay \(base)/p (lowerdir=source,upperdir=u,workdir=w,redirect_dir=off,metacopy=off,index=off,volatile)",
                "open-tree 1 \(base)/p .",
            ])
        #expect(pivot > 6)
        let after = lines[pivot...]
        let first = try #require(after.firstIndex(of: "attach 0 -o ro,nosuid,nodev /a"))
        #expect(
            lines[first..<first + 9].map { $0 } == [
                "attach 0 -o ro,nosuid,nodev /a", "attach 1 /b", "tmpfs 2 [mode=1777 size=4096]",
                "attach 2 -o nosuid,nodev /t", "touch /t/file", "write 0400 /dev/.ocibuild/.mounted-3 (2 bytes)",
                "chown 5:6 /dev/.ocibuild/.mounted-3", "open-tree 3 / /dev/.ocibuild/.mounted-3",
                "attach 3 -o ro,nosuid,nodev,noexec /t/file",
            ])
        #expect(!plan.description.contains("\u{1}"), "what is secret is not shown")
    }

    @Test func aSourceThatIsALinkStaysInItsRoot() async throws {
        let tree = try BusyboxTree()
        let source = tree.base / "source"
        try FileSystem.makeDirectory(source)
        try FileSystem.writeFile(tree.base / "canary", Array("canary\n".utf8))
        try FileSystem.symlink(target: tree.base / "canary", at: source / "absolute")
        try FileSystem.symlink(target: "../canary", at: source / "relative")
        try FileSystem.symlink(target: Path("../../../../../../../..\(tree.base)"), at: source / "folder")
        for path in ["absolute", "relative", "folder/canary", "../canary"] as [Path] {
            await #expect(throws: (any Error).self, "\(path)") {
                _ = try await tree.run("cat /m") {
                    $0.mounts = [SandboxMount(.tree(root: source, path: path, isReadOnly: true), at: "/m")]
                }
            }
        }
    }

    @Test func aSourceThatIsSwappedMeanwhileStaysInItsRoot() async throws {
        let tree = try BusyboxTree()
        let source = tree.base / "source"
        try FileSystem.makeDirectories(source / "real")
        try FileSystem.makeDirectory(tree.base / "outside")
        try FileSystem.writeFile(source / "real/file", Array("inside\n".utf8))
        try FileSystem.writeFile(tree.base / "outside/file", Array("canary\n".utf8))
        try FileSystem.symlink(target: tree.base / "outside", at: source / "link")
        try FileSystem.makeDirectory(source / "dir")
        try FileSystem.writeFile(source / "dir/file", Array("inside\n".utf8))
        // Left in peace it is shown: else the race below would prove nothing.
        let calm = try await tree.run("cat /m") {
            $0.mounts = [SandboxMount(.tree(root: source, path: "dir/file", isReadOnly: true), at: "/m")]
        }
        #expect(calm.output == "inside\n")
        let isOver = Atomic(false)
        let ended = Atomic(false)
        await withTaskGroup(of: Void.self) { group in
            Thread.start {
                // "dir" is a directory, then a link out of the root, then the directory again.
                while !isOver.load(ordering: .relaxed) {
                    try? FileSystem.rename(source / "dir", to: source / "kept")
                    try? FileSystem.rename(source / "link", to: source / "dir")
                    try? FileSystem.rename(source / "dir", to: source / "link")
                    try? FileSystem.rename(source / "kept", to: source / "dir")
                }
                ended.store(true, ordering: .releasing)
            }
            for _ in 0..<150 {
                let done = try? await tree.run("cat /m") {
                    $0.mounts = [SandboxMount(.tree(root: source, path: "dir/file", isReadOnly: true), at: "/m")]
                }
                if let done { #expect(done.output == "inside\n" || done.output.isEmpty) }
            }
            isOver.store(true, ordering: .relaxed)
        }
        while !ended.load(ordering: .acquiring) { usleep(1000) }
    }

    @Test func theKernelsFilesAreNoPlaceToMount() async throws {
        let tree = try BusyboxTree()
        let source = tree.base / "source"
        try FileSystem.makeDirectories(source / "sub")
        // A link inside of what is mounted is followed when the next is attached.
        try FileSystem.symlink(target: "/proc", at: source / "link")
        for target in ["/m/link/sys", "/proc/self/attr", "/dev/pts", "/sys/kernel", "/"] {
            await #expect(throws: SandboxError.self, "\(target)") {
                _ = try await tree.run("true") {
                    $0.mounts = [
                        SandboxMount(.tree(root: source, path: ".", isReadOnly: false), at: "/m"),
                        SandboxMount(.tree(root: source, path: "sub", isReadOnly: true), at: target),
                    ]
                }
            }
        }
        #expect(try DirectoryListing.entries(at: source).count == 2)
    }

    @Test func noMountAndNoDescriptorIsLeftOver() async throws {
        let tree = try BusyboxTree()
        try FileSystem.makeDirectories(tree.base / "source")
        let before = try BusyboxTree.listing(of: tree.upper)
        let done = try await tree.run(
            "ls /proc/self/fd; grep -c ' /m' /proc/mounts; umount /m || mount -o remount,rw /m"
        ) {
            $0.mounts = [
                SandboxMount(.tree(root: tree.base / "source", path: ".", isReadOnly: true), at: "/m"),
                SandboxMount(.temporary(size: nil), at: "/m2"),
            ]
        }
        // The last is the directory that ls itself reads.
        #expect(done.lines == ["0", "1", "2", "3", "2"], "\(done.error)")
        #expect(done.status != .exited(0), "a step cannot mount")
        #expect(try BusyboxTree.listing(of: tree.upper) == before)
        let mounts = try FileSystem.readFile("/proc/self/mountinfo", limit: 1 << 24)
        #expect(!String(decoding: mounts, as: UTF8.self).contains(tree.base.description))
    }

    @Test(.enabled(if: TestRung.current.isRoot)) func whatIsLentGoesBackWhereverTheTreeHasGone() async throws {
        let tree = try BusyboxTree()
        let lent = tree.base / "lent"
        let canary = tree.base / "canary"
        try FileSystem.makeDirectories(lent / "content")
        try FileSystem.makeDirectory(canary)
        try FileSystem.writeFile(canary / "m", Array("canary\n".utf8))
        try FileSystem.makeDirectory(tree.lower / "l")
        try FileSystem.writeFile(tree.lower / "l/own", Array("own\n".utf8))
        let before = try BusyboxTree.listing(of: canary)
        let done = try await tree.runInChroot("echo x > /l/m/new; mv /l /moved; ln -s \(canary) /l; ls /moved/m") {
            $0.mounts = [SandboxMount(.tree(root: lent, path: "content", isReadOnly: false), at: "/l/m")]
        }
        #expect(done.output == "new\n", "\(done.error)")
        #expect(FileSystem.exists(lent / "content/new"))
        #expect(try DirectoryListing.entries(at: tree.lower / "moved").map(\.name) == ["own"])
        #expect(try BusyboxTree.listing(of: canary) == before)
    }

    @Test(.enabled(if: TestRung.current.isRoot)) func lendingLeavesNoTrace() async throws {
        for shape in TracelessTests.shapes {
            let tree = try TracelessTests.tree(shape)
            let before = try BusyboxTree.listing(of: tree.lower)
            let lent = tree.base / "lent"
            try FileSystem.makeDirectories(lent / "folder/inner")
            try FileSystem.writeFile(lent / "file", Array("lent\n".utf8))
            let done = try await tree.runInChroot("cat /etc/hosts /new/file; ls /etc/hosts.d /a/b/c") {
                $0.files = TracelessTests.provided
                $0.mounts = [
                    SandboxMount(.tree(root: lent, path: "folder", isReadOnly: false), at: "/a/b/c"),
                    SandboxMount(.temporary(size: nil), at: "/a/b/c/inner/t"),
                    SandboxMount(.tree(root: lent, path: "file", isReadOnly: true), at: "/etc/hosts"),
                    SandboxMount(.temporary(size: nil), at: "/etc/hosts.d"),
                ]
            }
            #expect(done.output.hasPrefix("lent\n"), "\(shape): \(done.error)")
            #expect(try BusyboxTree.listing(of: tree.lower) == before, "\(shape)")
            #expect(try DirectoryListing.entries(at: lent / "folder/inner").isEmpty)
            #expect(try FileSystem.readFile(lent / "file") == Array("lent\n".utf8))
        }
    }
}
