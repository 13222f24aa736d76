import Glibc
import LinuxSystem

/// Finds out which rungs can be used here, by doing what each needs: kernels, containers and file systems refuse too
/// many things in too many ways for a question to be worth anything. A rung takes some ten milliseconds, and blocks.
package struct SandboxProbe: Sendable {
    /// The existing directory that trees will be kept in: folders of its own are made there, and removed again.
    package let storeRoot: Path

    /// A probe for trees below `storeRoot`.
    package init(storeRoot: Path) { self.storeRoot = storeRoot }

    /// One report for each rung, strongest first.
    package func reports() -> [RungReport] { Isolation.allCases.map(report) }

    /// Tries one rung.
    package func report(_ isolation: Isolation) -> RungReport {
        switch isolation {
        case .root: root()
        case .userns: entered()
        case .single: single()
        case .chroot: chroot()
        case .none: RungReport(.none, working: "COPY, ADD and configuration need no sandbox; RUN is refused")
        }
    }

    /// The rungs that this process takes by itself. Who is root, of the machine or of a namespace with many ids, keeps real
    /// owners in its store, anybody else records them; one build does not mix the two.
    package static var possible: [Isolation] {
        let ids = UserNamespaceMap.users().extents.reduce(0) { $0 + UInt64($1.count) }
        return geteuid() == 0 && ids != 1 ? [.root, .userns, .chroot, .none] : [.single, .none]
    }

    /// The strongest available rung that this process takes by itself; `none` where no command can be run at all.
    package static func strongest(of report: [RungReport]) -> Isolation {
        report.first { $0.available && possible.contains($0.isolation) }?.isolation ?? .none
    }

    // MARK: Rungs of namespaces

    private func root() -> RungReport {
        guard geteuid() == 0 else { return RungReport(.root, .notRoot(uid: geteuid())) }
        guard LinuxCapability.sysAdmin.isEffective else {
            return RungReport(.root, .missingCapability([LinuxCapability.sysAdmin.name]))
        }
        guard !Self.isInUserNamespace else { return RungReport(.root, .inUserNamespace) }
        return settle(.root, .initial, "namespaces work")
    }

    private func entered() -> RungReport {
        let ids = UserNamespaceMap.users().extents.reduce(0) { $0 + UInt64($1.count) }
        guard Self.isInUserNamespace, geteuid() == 0, LinuxCapability.sysAdmin.isEffective, ids > 1 else {
            return RungReport(.userns, Self.refusalToEnter)
        }
        return settle(.userns, .entered, "a user namespace of \(ids) ids works")
    }

    private static var isInUserNamespace: Bool {
        let users = UserNamespaceMap.users()
        return !users.isInitial && !users.extents.isEmpty
    }

    /// Why this process is not in a user namespace of many ids.
    private static var refusalToEnter: RungObstacle {
        if case .refused(let obstacle) = NamespaceEntry.standing { return obstacle }
        return (try? NamespaceEntry.obstacle(evenAsRoot: geteuid() == 0)) ?? .notEntered
    }

    private func single() -> RungReport { settle(.single, .single, "a user namespace of one id works") }

    private func settle(
        _ isolation: Isolation, _ user: NamespaceTraits.UserNamespace, _ finding: String
    ) -> RungReport {
        do {
            let traits = try NamespaceTrial(storeRoot: storeRoot).settle(NamespaceTraits(best: user))
            let hindrances = hindrances(traits)
            let words = [finding] + hindrances.map(\.description) + traits.limitations
            return RungReport(
                isolation, working: words.joined(separator: "; "), traits: traits, hindrances: hindrances)
        } catch {
            return RungReport(isolation, RungObstacle(error, user: user, fileSystem: fileSystem))
        }
    }

    /// Whether the kernel takes the lower directories of an overlay one by one, of which there may then be more than
    /// the page of mount(2) has room for: Linux 6.7. Asked for stacks that need it only, since it starts a process.
    package func takesLowersOneByOne(_ traits: NamespaceTraits) -> Bool {
        NamespaceTrial(storeRoot: storeRoot).takesLowersOneByOne(traits)
    }

    /// What the store is on, as mount(8) calls it.
    private var fileSystem: String {
        let real = realpath(storeRoot.description, nil)
        defer { free(real) }
        let path = real.map { Path(String(cString: $0)) } ?? storeRoot
        return MountTable.fileSystem(of: path, in: MountTable.current ?? []) ?? "unknown"
    }

    /// What keeps a rung that works from being all that it could be.
    private func hindrances(_ traits: NamespaceTraits) -> [RungObstacle] {
        var found: [RungObstacle] = []
        if traits.overlay == .refused {
            found.append(.overlayRefused(fileSystem: fileSystem))
        }
        if traits.processes == .bound { found.append(.procMasked) }
        return found
    }

    // MARK: Chroot

    private static let chrootCapabilities: [LinuxCapability] = [.sysChroot, .mknod, .setpcap, .setuid, .setgid]

    private func chroot() -> RungReport {
        guard geteuid() == 0 else { return RungReport(.chroot, .notRoot(uid: geteuid())) }
        let missing = Self.chrootCapabilities.filter { !$0.isEffective }.map(\.name)
        do {
            let folder = try TemporaryDirectory(in: storeRoot, prefix: "probe-")
            if let error = Self.deviceFailure(in: folder.path), missing.isEmpty {
                return RungReport(.chroot, .nodevStore, detail: "\(error)")
            }
            var plan = try SandboxPlan.chroot(SandboxSpec(root: .directory(folder.path), command: ["probe"]))
            plan.executables = []
            let status = try StepProcess.run(plan, control: StepControl(), output: { _, _ in }).status
            guard status == .exited(0) else { return RungReport(.chroot, .refused("its process ended with \(status)")) }
            return RungReport(.chroot, working: "chroot and device files work; not a security boundary")
        } catch {
            if !missing.isEmpty { return RungReport(.chroot, .missingCapability(missing), detail: "\(error)") }
            if let error = error as? SystemError { return RungReport(.chroot, .storeNotWritable("\(error)")) }
            return RungReport(.chroot, .refused("\(error)"))
        }
    }

    /// Why a device file does not work in a directory.
    private static func deviceFailure(in folder: Path) -> SystemError? {
        do throws(SystemError) {
            let null = StandardDevices.nodes[0].device
            try FileSystem.makeNode(folder / "null", type: .characterDevice, mode: 0o666, device: null)
            _ = try OwnedDescriptor.open(folder / "null", O_RDWR)
            return nil
        } catch {
            return error
        }
    }
}
