import LinuxSystem

/// What the namespaces of a step can have at this place: found by trying (`NamespaceTrial`), because kernels,
/// containers and file systems refuse too many things in too many ways to be asked.
package struct NamespaceTraits: Hashable, Sendable {
    /// The user namespace that a step is in.
    package enum UserNamespace: Hashable, Sendable {
        /// The machine's own: real root.
        case initial
        /// One that the builder has entered itself, with all ids that a tree may name.
        case entered
        /// One of each step's own, in which the builder's user is 0, and nobody else exists.
        case single
    }

    /// Where a step's /proc comes from.
    package enum Processes: Hashable, Sendable {
        /// Mounted anew: the step sees itself only.
        case fresh
        /// The builder's, with all that is mounted there: where a container runtime has covered parts of it, the kernel
        /// makes no new one in a user namespace. The step sees the numbers and names of the builder's processes.
        case bound
    }

    /// Where a step's /sys comes from.
    package enum System: Hashable, Sendable {
        case fresh
        /// The builder's, read-only, with all that is mounted there.
        case bound
        /// An empty directory.
        case absent
    }

    /// Where the device files of a step come from.
    package enum Devices: Hashable, Sendable {
        /// Made by mknod(2).
        case made
        /// Those of these names in the builder's /dev: no user namespace may make one.
        case bound([Path])
    }

    /// How overlay marks what it has to say about a directory.
    package enum Overlay: Hashable, Sendable {
        /// By `trusted.overlay.*` attributes.
        case trusted
        /// By `user.overlay.*` attributes: option `userxattr`, Linux 5.11.
        case user
        /// It is refused on the store's file system: steps run in copies.
        case refused
    }

    /// What /dev/pts has.
    package enum Terminals: Hashable, Sendable {
        /// Terminals of group 5, `tty`.
        case grouped
        /// Terminals of the group that opens them, where there is no group 5.
        case plain
        case absent
    }

    package var user: UserNamespace
    package var processes = Processes.fresh
    package var system = System.fresh
    package var devices: Devices
    package var overlay: Overlay
    package var terminals: Terminals
    /// Whether POSIX message queues can be mounted.
    package var hasQueues = true
    /// Whether there are cgroup namespaces (Linux 4.6).
    package var hasControlGroups = true

    /// The most that a kernel allows with this user namespace.
    package init(best user: UserNamespace) {
        self.user = user
        let names = StandardDevices.nodes.map(\.name)
        devices = user == .initial ? .made : .bound(names)
        overlay = user == .initial ? .trusted : .user
        terminals = user == .single ? .plain : .grouped
    }

    /// Real root with all that the kernel has.
    package static let root = NamespaceTraits(best: .initial)

    /// The prefix of the attributes that mark directories in the layers of an overlay.
    var overlayPrefix: String { overlay == .trusted ? "trusted.overlay." : "user.overlay." }

    /// The namespaces of one step.
    func namespaces(for network: SandboxNetwork) -> Namespaces {
        var own: Namespaces = [.mount, .process, .ipc, .hostname]
        if hasControlGroups { own.insert(.cgroup) }
        if network == .none { own.insert(.network) }
        if user == .single { own.insert(.user) }
        return own
    }

    /// Where /sys comes from with this network: in a user namespace it can be made only for a network of its own.
    func system(for network: SandboxNetwork) -> System {
        system == .fresh && user != .initial && network == .host ? .bound : system
    }

    /// What a step does without, for people; empty where nothing is missing.
    package var limitations: [String] {
        var found: [String] = []
        if overlay == .refused { found.append("steps run in copies of the whole tree") }
        if processes == .bound { found.append("steps see the names of the builder's processes") }
        if system == .absent { found.append("steps have no /sys") }
        if terminals == .absent { found.append("steps have no terminals") }
        if case .bound(let names) = devices, names.count < StandardDevices.nodes.count {
            let missing = StandardDevices.nodes.map(\.name).filter { !names.contains($0) }
            found.append("steps have no \(missing.map { "/dev/\($0)" }.joined(separator: ", "))")
        }
        return found
    }
}
