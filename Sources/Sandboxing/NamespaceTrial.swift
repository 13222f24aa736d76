import Glibc
import LinuxSystem

/// Finds the traits that work in a store, by starting a step that does what steps need, deletion of a merged directory
/// included: in a user namespace an overlay without `userxattr` can be mounted, and only that fails. What is refused and
/// can be done without is done without.
struct NamespaceTrial {
    /// Where trees will be kept. A folder is made there, and removed again.
    let storeRoot: Path

    /// What works of `wanted`. Throws `Refusal` when what is left does not make a sandbox.
    func settle(_ wanted: NamespaceTraits) throws(Refusal) -> NamespaceTraits {
        var traits = wanted
        while true {
            do throws(Refusal) {
                try attempt(traits)
                return traits
            } catch {
                guard let less = traits.without(error) else { throw error }
                traits = less
            }
        }
    }

    /// Why a step could not be started.
    enum Refusal: Error {
        /// The folder could not be made.
        case store(SystemError)
        /// The folder takes no attributes.
        case attributes(SystemError)
        /// The namespaces were refused.
        case namespaces(Errno, Namespaces)
        /// The ids could not be mapped.
        case map(SystemError)
        /// An operation of the plan was refused.
        case operation(SandboxOperation, Errno, String)
        /// Anything else.
        case other(String)
    }

    private static let merged: Path = "/merged"

    private func attempt(_ traits: NamespaceTraits) throws(Refusal) {
        let folder = try makeFolder()
        defer { withExtendedLifetime(folder) {} }
        if traits.user == .single {
            do throws(SystemError) {
                try InodeRecord(mode: 0o755, uid: 33, gid: 33).write(to: folder.path / "upper")
            } catch {
                throw .attributes(error)
            }
            try? ExtendedAttributes.remove(InodeRecord.attribute, of: folder.path / "upper")
        }
        let tree =
            traits.overlay == .refused
            ? RootTree.directory(folder.path / "lower")
            : .overlay(
                lowers: [folder.path / "lower"], upper: folder.path / "upper", work: folder.path / "work",
                base: folder.path)
        var plan: SandboxPlan
        do {
            // A network of its own, because more is refused to steps without one.
            plan = try SandboxPlan.namespaces(
                SandboxSpec(root: tree, command: ["probe"], network: .none), layout: TreeLayout(), traits: traits)
        } catch {
            throw .other("\(error)")
        }
        plan.executables = []
        plan.operations += [.removeDirectory(Self.merged), .makeDirectory(Self.merged, mode: 0o755)]
        // www-data of Debian, whom packages give files to.
        if traits.user == .single { plan.operations.append(.claim(Self.merged, uid: 33, gid: 33)) }
        try run(plan)
    }

    /// Whether the overlay of the trial can be mounted with its lower directory in an option of its own. Whatever
    /// hinders it, steps are then not to be mounted like that.
    func takesLowersOneByOne(_ traits: NamespaceTraits) -> Bool {
        do throws(Refusal) {
            let folder = try makeFolder()
            defer { withExtendedLifetime(folder) {} }
            let overlay = OverlayMount(
                lowers: [folder.path / "lower"], upper: folder.path / "upper", work: folder.path / "work",
                base: folder.path, marks: traits.overlay)
            try run(
                SandboxPlan(
                    namespaces: traits.namespaces(for: .none),
                    operations: [
                        .mount(source: "none", target: "/", type: "", flags: [.recursive, .private], options: []),
                        .changeDirectory(folder.path), overlay.operationOneByOne(target: folder.path),
                    ]))
            return true
        } catch {
            return false
        }
    }

    private func makeFolder() throws(Refusal) -> TemporaryDirectory {
        do throws(SystemError) {
            let folder = try TemporaryDirectory(in: storeRoot, prefix: "probe-")
            for name in ["lower", "upper", "work"] as [Path] { try FileSystem.makeDirectory(folder.path / name) }
            for name in ["merged", "dev", "proc", "sys"] as [Path] {
                try FileSystem.makeDirectory(folder.path / "lower" / name)
            }
            return folder
        } catch {
            throw .store(error)
        }
    }

    private func run(_ plan: SandboxPlan) throws(Refusal) {
        var mapping: SystemError?
        do {
            let status = try StepProcess.run(
                plan, control: StepControl(),
                mapIdentities: { pid in
                    do { try SingleIdentity.map(pid) } catch {
                        mapping = error as? SystemError
                        throw error
                    }
                }, output: { _, _ in }
            ).status
            guard status == .exited(0) else { throw Refusal.other("its process ended in an unexpected way: \(status)") }
        } catch let error as Refusal {
            throw error
        } catch let error as SandboxError {
            if let operation = error.operation, let errno = error.errno {
                throw .operation(operation, errno, error.description)
            }
            if let errno = error.errno { throw .namespaces(errno, plan.namespaces) }
            throw .other("\(error)")
        } catch {
            if let mapping { throw .map(mapping) }
            throw .other("\(error)")
        }
    }
}

extension NamespaceTraits {
    /// These without what was refused; nil where a step cannot do without it.
    func without(_ refusal: NamespaceTrial.Refusal) -> NamespaceTraits? {
        var less = self
        switch refusal {
        case .namespaces(let errno, _) where errno == .invalid && hasControlGroups: less.hasControlGroups = false
        case .operation(let operation, _, _): less.giveUp(operation)
        default: return nil
        }
        return less == self ? nil : less
    }

    private mutating func giveUp(_ operation: SandboxOperation) {
        switch operation {
        case .overlay, .mount(_, _, type: "overlay", _, _), .removeDirectory: overlay = .refused
        case .makeDirectory(let path, _) where !path.hasPrefix("/dev"): overlay = .refused
        case .mount(_, _, type: "proc", _, _), .makeFileSystem("proc", _, _): processes = .bound
        case .mount(_, _, type: "sysfs", _, _), .makeFileSystem("sysfs", _, _): system = .bound
        case .openMounts("/sys", _), .attachMounts(_, target: "/sys", _): system = .absent
        case .expect("/sys", _): system = system == .fresh ? .bound : .absent
        case .mount(_, _, type: "devpts", _, _): terminals = terminals == .grouped ? .plain : .absent
        case .mount(_, _, type: "mqueue", _, _): hasQueues = false
        case .makeNode: devices = .bound(StandardDevices.nodes.map(\.name))
        case .openTree(_, let name, _): giveUpDevice(name)
        case .expectDevice(let path, _): if let name = path.lastComponent { giveUpDevice(name) }
        default: break
        }
    }

    /// Nothing works without /dev/null.
    private mutating func giveUpDevice(_ name: Path) {
        guard case .bound(let names) = devices, name != "null" else { return }
        devices = .bound(names.filter { $0 != name })
    }
}
