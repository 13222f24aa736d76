import Glibc
import LinuxSystem

/// Finds out which rungs can be used here, by doing what each needs: kernels, containers and file systems refuse too
/// many things in too many ways for a question to be worth anything. Takes some ten milliseconds, and blocks.
package enum SandboxProbe {
    /// One report for each rung, strongest first. `storeRoot` is the existing directory that trees will be kept in: a
    /// folder of its own is made there, and removed again.
    package static func report(storeRoot: Path) -> [RungReport] {
        let identities = singleIdentity()
        return [root(storeRoot), subordinate(identities), single(identities), chroot(storeRoot), none]
    }

    /// The strongest available rung; `none` where no command can be run at all.
    package static func strongest(of report: [RungReport]) -> Isolation {
        report.first(where: \.available)?.isolation ?? .none
    }

    private static let notYet = "this version does not have it yet"

    private static let none = RungReport(
        .none, working: "COPY, ADD and configuration need no sandbox; RUN is refused")

    /// Mounts an overlay in the store, makes it the root of all new namespaces, and deletes a directory that comes from
    /// the lower layer: in a user namespace the mount would work, and only that would fail.
    private static func root(_ storeRoot: Path) -> RungReport {
        guard geteuid() == 0 else { return RungReport(.root, .notRoot(uid: geteuid())) }
        do {
            let folder = try TemporaryDirectory(in: storeRoot, prefix: "probe-")
            for name in ["lower", "upper", "work"] as [Path] { try FileSystem.makeDirectory(folder.path / name) }
            for name in ["merged", "dev", "proc", "sys"] as [Path] {
                try FileSystem.makeDirectory(folder.path / "lower" / name)
            }
            let tree = RootTree.overlay(
                lowers: [folder.path / "lower"], upper: folder.path / "upper", work: folder.path / "work",
                base: folder.path)
            var plan = try SandboxPlan.namespaces(
                SandboxSpec(root: tree, command: ["probe"], network: .none), layout: TreeLayout())
            plan.executables = []
            plan.operations += [.removeDirectory("/merged"), .makeDirectory("/merged", mode: 0o755)]
            try run(plan)
            return RungReport(.root, working: "namespaces and overlay work")
        } catch let error as SandboxError where error.subject.contains("overlay") {
            return RungReport(.root, .overlayRefused(fileSystem: "\(storeRoot)"), detail: "\(error)")
        } catch let error as SystemError {
            return RungReport(.root, .storeNotWritable("\(error)"))
        } catch {
            return RungReport(.root, .missingCapability(["CAP_SYS_ADMIN"]), detail: "\(error)")
        }
    }

    private static func chroot(_ storeRoot: Path) -> RungReport {
        guard geteuid() == 0 else { return RungReport(.chroot, .notRoot(uid: geteuid())) }
        do {
            let folder = try TemporaryDirectory(in: storeRoot, prefix: "probe-")
            try FileSystem.makeNode(
                folder.path / "null", type: .characterDevice, mode: 0o666, device: StandardDevices.nodes[0].device)
            _ = try OwnedDescriptor.open(folder.path / "null", O_RDWR)
            var plan = try SandboxPlan.chroot(SandboxSpec(root: .directory(folder.path), command: ["probe"]))
            plan.executables = []
            try run(plan)
            return RungReport(.chroot, working: "chroot and device files work; not a security boundary")
        } catch {
            let needed = ["CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_SETPCAP", "CAP_SETUID", "CAP_SETGID"]
            return RungReport(.chroot, .missingCapability(needed), detail: "\(error)")
        }
    }

    /// nil where a user namespace of one id works, or why it does not.
    private static func singleIdentity() -> String? {
        var plan = SandboxPlan(namespaces: [.user, .mount, .process])
        plan.operations = [
            .mount(source: "none", target: "/", type: "", flags: [.recursive, .private], options: []),
            .mount(source: "tmpfs", target: "/", type: "tmpfs", flags: [], options: []),
        ]
        do {
            try run(plan) { pid in
                let folder = Path("/proc/\(pid)")
                try write("deny", to: folder / "setgroups")
                try write("0 \(geteuid()) 1", to: folder / "uid_map")
                try write("0 \(getegid()) 1", to: folder / "gid_map")
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func single(_ refusal: String?) -> RungReport {
        RungReport(.single, .refused(refusal ?? "user namespaces work here, but \(notYet)"))
    }

    private static func subordinate(_ refusal: String?) -> RungReport {
        RungReport(.userns, .refused(refusal ?? "user namespaces work here, but \(notYet)"))
    }

    private static func run(_ plan: SandboxPlan, mapIdentities: (pid_t) throws -> Void = { _ in }) throws {
        let status = try StepProcess.run(
            plan, control: StepControl(), mapIdentities: mapIdentities, output: { _, _ in }
        ).status
        guard status == .exited(0) else {
            throw SandboxError(.setup, "probe", "its process ended in an unexpected way: \(status)")
        }
    }

    /// In one write(2), as the files of /proc want it.
    private static func write(_ text: String, to path: Path) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY)
        try Array(text.utf8).withUnsafeBytes { try file.writeAll($0) }
    }
}
