import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// What a step does without where something is refused.
@Suite struct NamespaceTraitsTests {
    typealias Refusal = NamespaceTrial.Refusal

    static func refused(_ operation: SandboxOperation, _ errno: Errno = .permission) -> Refusal {
        .operation(operation, errno, "refused")
    }

    @Test func whatIsRefusedIsGivenUpOneByOne() throws {
        var traits = NamespaceTraits(best: .entered)
        func give(_ refusal: Refusal) throws { traits = try #require(traits.without(refusal)) }
        try give(.namespaces(.invalid, traits.namespaces(for: .none)))
        #expect(!traits.hasControlGroups)
        #expect(traits.without(.namespaces(.invalid, traits.namespaces(for: .none))) == nil)
        try give(Self.refused(.makeFileSystem("proc", flags: [], number: 0)))
        #expect(traits.processes == .bound)
        try give(Self.refused(.makeFileSystem("sysfs", flags: [], number: 0)))
        #expect(traits.system == .bound)
        try give(Self.refused(.openMounts("/sys", number: 0)))
        #expect(traits.system == .absent)
        for expected in [NamespaceTraits.Terminals.plain, .absent] {
            try give(Self.refused(.mount(source: "devpts", target: "/", type: "devpts", flags: [], options: [])))
            #expect(traits.terminals == expected)
        }
        try give(Self.refused(.mount(source: "mqueue", target: "/", type: "mqueue", flags: [], options: [])))
        #expect(!traits.hasQueues)
        try give(Self.refused(.openTree(root: "/dev", path: "tty", number: 0), .noEntry))
        #expect(traits.devices == .bound(["null", "zero", "full", "random", "urandom"]))
        try give(Self.refused(.removeDirectory("/merged"), .io))
        #expect(traits.overlay == .refused)
        #expect(traits.limitations.count == 5)
        for vital in [
            SandboxOperation.openMounts("/proc", number: 0), .openTree(root: "/dev", path: "null", number: 0),
            .removeDirectory("/merged"), .pivotRoot,
        ] { #expect(traits.without(Self.refused(vital)) == nil, "\(vital)") }
    }

    @Test func causes() {
        let proc = RungObstacle(Self.refused(.openMounts("/proc", number: 0)), user: .single, fileSystem: "nfs")
        #expect(proc == .procMasked)
        let supervisor = RungObstacle(
            Self.refused(.supervise(.root), Errno(code: EBUSY)), user: .single, fileSystem: "nfs")
        #expect(supervisor == .noSupervisor(errno: EBUSY))
        let store = RungObstacle(.store(SystemError("mkdir", "/s", errno: .readOnly)), user: .single, fileSystem: "nfs")
        #expect(store.code == "store-not-writable")
        let attributes = RungObstacle(
            .attributes(SystemError("setxattr", "/s", errno: .notSupported)), user: .single, fileSystem: "nfs")
        #expect(attributes == .noAttributes(fileSystem: "nfs"))
        let namespaces = RungObstacle(.namespaces(Errno(code: ENOSPC), [.user]), user: .single, fileSystem: "nfs")
        #expect(namespaces.code == "no-user-namespaces")
        let other = RungObstacle(Self.refused(.pivotRoot, .invalid), user: .initial, fileSystem: "nfs")
        #expect(other == .refused("refused"))
    }

    @Test func aPlanWithoutPower() throws {
        var spec = SandboxPlanTests.spec
        spec.network = .host
        var traits = NamespaceTraits(best: .single)
        let lines = try SandboxPlan.namespaces(spec, layout: TreeLayout(), traits: traits).description
            .split(separator: "\n").map(String.init)
        let pivot = try #require(lines.firstIndex(of: "pivot_root . ."))
        #expect(lines[0] == "namespaces mnt pid ipc uts cgroup user")
        #expect(lines[2] == "open-tree 0 /dev null" && lines[7] == "open-tree 5 /dev tty")
        #expect(lines[8] == "proc 6 -o nosuid,nodev,noexec" && lines[9] == "open-tree 7 -r /sys")
        #expect(lines[11].contains("userxattr,metacopy=off,index=off,volatile"))
        #expect(!lines.contains { $0.contains("mknod") || $0.hasPrefix("gid ") || $0.hasPrefix("groups ") })
        let after = lines[pivot...]
        for line in [
            "attach 0 /dev/null", "expect device 1:3 at /dev/null", "attach 6 -r -o nosuid,nodev,noexec /proc",
            "attach 7 -r -o ro,nosuid,nodev,noexec /sys", "mask /sys/fs/cgroup", "supervise 1000:100 100,27",
        ] { #expect(after.contains(line), "\(line)") }
        traits.processes = .bound
        spec.root = .directory("/s/copy")
        let bound = try SandboxPlan.namespaces(spec, layout: TreeLayout(), traits: traits).description
        #expect(bound.contains("open-tree 6 -r /proc") && bound.contains("restrict -o nodev /s/copy"))
        #expect(!bound.contains("remount,bind,nodev none /s/copy"))
    }

    @Test func theFileSystemOfAPath() {
        let table = """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            30 27 0:1 / /a\\040b rw shared:3 - tmpfs none rw
            31 30 0:2 / /a\\040b/c rw - overlay none rw
            32 27 0:3 / /a\\040b rw - xfs none rw

            """
        let entries = MountTable.entries(of: Array(table.utf8))
        #expect(entries.count == 4)
        #expect(MountTable.fileSystem(of: "/x", in: entries) == "ext4")
        #expect(MountTable.fileSystem(of: "/a b/d", in: entries) == "xfs")
        #expect(MountTable.fileSystem(of: "/a b/c/d", in: entries) == "overlay")
    }
}
