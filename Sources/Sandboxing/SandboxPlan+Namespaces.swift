import LinuxSystem

extension SandboxPlan {
    /// What Docker and runc hide of /proc and /sys, because it tells of the host or reaches into it.
    static let masked: [Path] = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ]

    /// What they leave to be read only.
    static let readOnly: [Path] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// What else would show where the step has the host's /sys with all that is mounted there.
    static let maskedOfHost: [Path] = [
        "/sys/fs/bpf", "/sys/fs/cgroup", "/sys/fs/fuse/connections", "/sys/fs/pstore", "/sys/kernel/config",
        "/sys/kernel/debug", "/sys/kernel/security", "/sys/kernel/tracing",
    ]

    /// The plan of a step in namespaces that have these `traits`. `layout` says where in the tree the provided files go,
    /// and which directory has mount points that the tree lacks. Everything but the root itself is mounted after the old
    /// root has gone, so that no link in the tree can lead a mount out of it.
    static func namespaces(
        _ spec: SandboxSpec, layout: TreeLayout, traits: NamespaceTraits = .root
    ) throws(SandboxError) -> SandboxPlan {
        var plan = SandboxPlan(namespaces: traits.namespaces(for: spec.network))
        let borrowed = Borrowed(traits, network: spec.network, first: layout.mounts?.mounts.count ?? 0)
        plan.operations = enterTree(
            spec.root, stubs: layout.stubLayer,
            preparing: (layout.mounts?.opening(traits.overlay) ?? []) + borrowed.opening,
            traits: traits)
        plan.operations += try devices(spec, traits, borrowed)
        plan.operations += kernel(traits, network: spec.network, borrowed)
        plan.operations += boundingProcesses(spec.bounds)
        for (number, file) in layout.files.enumerated() {
            let copy = StandardDevices.privateDirectory / Path(".provided-\(number)")
            plan.operations += [
                .write(copy, file.content, mode: file.mode),
                .mount(source: copy, target: file.target, type: "", flags: .bind, options: []),
            ]
        }
        let ofHost = traits.system(for: spec.network) == .bound ? maskedOfHost : []
        plan.operations += (masked + ofHost).map { .mask($0) } + readOnly.map { .readOnly($0) }
        plan.operations += layout.mounts?.attaching ?? []
        plan.operations.append(.hostname(spec.hostname))
        if spec.network == .none { plan.operations.append(.loopbackUp) }
        plan.operations += surrender(to: spec, keeping: .container, in: traits.user)
        try plan.setCommand(of: spec)
        return plan
    }

    /// From the host's tree to the step's, with nothing of the former left but what `preparations` take hold of.
    static func enterTree(
        _ root: RootTree, stubs: Path?, preparing preparations: [SandboxOperation] = [],
        traits: NamespaceTraits = .root
    ) -> [SandboxOperation] {
        var operations: [SandboxOperation] = [
            .mount(source: "none", target: "/", type: "", flags: [.recursive, .private], options: [])
        ]
        operations += preparations
        switch root {
        case .overlay(let lowers, let upper, let work, let base):
            // The tree is mounted over `base` itself: in this namespace nobody needs it again.
            let layers = OverlayMount(
                lowers: (stubs.map { [$0] } ?? []) + lowers, upper: upper, work: work, base: base,
                marks: traits.overlay)
            operations += [.changeDirectory(base), layers.operation(target: base), .changeDirectory(base)]
        case .directory(let path):
            operations += [
                .mount(source: path, target: path, type: "", flags: .bind, options: []),
                // In a user namespace a remount that does not repeat what is forbidden already is refused.
                traits.user == .initial
                    ? .mount(source: "none", target: path, type: "", flags: [.remount, .bind, .noDevices], options: [])
                    : .restrict(path, .noDevices),
                .changeDirectory(path),
            ]
        }
        return operations + [.pivotRoot]
    }
}
