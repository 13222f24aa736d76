import CLinux
import Glibc
import LinuxSystem

/// Which means this machine has to keep a step's limits on one rung: control groups where they may be divided, else
/// what each process can be limited to, and what is lost by that.
package struct LimitPlan: Hashable, Sendable {
    /// What is asked of the kernel.
    package private(set) var bounds = StepBounds()
    /// What is kept only roughly, and what would change that.
    package private(set) var warnings: [String] = []

    /// What decides, so that tests can ask of other machines.
    struct Machine {
        /// The groups that may be divided, and, once that is certain, made ready for it.
        var groups: () -> ControlGroups = { ControlGroups.ofThisProcess() }
        var prepare: (ControlGroups) -> ControlGroups = { $0.prepared() }
        /// Makes and removes groups with these settings.
        var attempt: (StepBounds.Group) throws -> Void = { _ = try StepGroups([$0]).finish() }
        var kernel: (major: Int, minor: Int) = ofThisKernel
        /// Root of the whole machine, whom RLIMIT_NPROC does not bind.
        var isRoot: Bool = geteuid() == 0 && ofThisNamespace
        /// The hard limits of this process; nil where there is none.
        var ceiling: (ResourceLimit.Resource) -> UInt64? = { resource in
            var limit = rlimit()
            let kind = __rlimit_resource_t(UInt32(resource.number))
            return getrlimit(kind, &limit) == 0 && limit.rlim_max != .max ? UInt64(limit.rlim_max) : nil
        }
        /// What the machine has in all.
        var processes: Int = largestNumberOfProcesses()
        var hasSystemd: Bool = FileSystem.exists("/run/systemd/system")
    }

    /// Tries what the limits need. Throws where one cannot be kept at all.
    package init(_ limits: StepLimits, on isolation: Isolation) throws(SandboxError) {
        try self.init(limits, on: isolation, Machine())
    }

    init(_ limits: StepLimits, on isolation: Isolation, _ machine: Machine) throws(SandboxError) {
        bounds.resources = limits.resources
        bounds.sharedMemory = limits.sharedMemory ?? bounds.sharedMemory
        if let timeout = limits.timeout, timeout > .zero {
            let (seconds, attoseconds) = timeout.components
            bounds.timeout = UInt64(min(Double(seconds) * 1e9 + Double(attoseconds) / 1e9, 1e18))
        }
        var planner = Planner(limits: limits, isolation: isolation, machine: machine, bounds: bounds)
        try planner.plan()
        (bounds, warnings) = (planner.bounds, planner.warnings)
    }

    private static var ofThisKernel: (major: Int, minor: Int) {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }

    private static var ofThisNamespace: Bool { ControlGroups.words(in: "/proc/self/uid_map").prefix(2) == ["0", "0"] }

    private static func largestNumberOfProcesses() -> Int {
        ["pid_max", "threads-max"].compactMap {
            ControlGroups.words(in: "/proc/sys/kernel" / Path($0)).first.flatMap { Int($0) }
        }.min() ?? 32768
    }
}

/// The decisions, one limit after the other.
private struct Planner {
    let limits: StepLimits
    let isolation: Isolation
    let machine: LimitPlan.Machine
    var bounds: StepBounds
    var warnings: [String] = []
    /// Looked for when the first limit asks for it.
    private var found: ControlGroups?

    init(limits: StepLimits, isolation: Isolation, machine: LimitPlan.Machine, bounds: StepBounds) {
        self.limits = limits
        self.isolation = isolation
        self.machine = machine
        self.bounds = bounds
    }

    mutating func plan() throws(SandboxError) {
        planMemory()
        try planProcessors()
        try planProcesses()
        if isolation == .chroot, limits.sharedMemory != nil {
            warnings.append("--shm-size: /dev/shm is an ordinary folder in the \"chroot\" sandbox, without a bound")
        }
    }

    /// Takes a group with these settings for the step, if one can be made.
    private mutating func take(
        _ controller: ControlGroups.Controller, _ settings: (ControlGroups.Place) -> [StepBounds.Group.Setting]
    ) -> Bool {
        let groups = found ?? machine.prepare(machine.groups())
        found = groups
        guard let place = groups.places[controller] else { return false }
        let group = StepBounds.Group(place: place, settings: settings(place))
        do { try machine.attempt(group) } catch {
            found?.refuse(controller, because: "\(error)")
            return false
        }
        if let index = bounds.groups.firstIndex(where: { $0.place == place }) {
            bounds.groups[index].settings += group.settings
        } else {
            bounds.groups.append(group)
        }
        return true
    }

    private mutating func planMemory() {
        guard let memory = limits.memory, memory > 0 else { return }
        let total = limits.memoryAndSwap.map { $0 < 0 ? nil : max($0, memory) } ?? memory &* 2
        let isKept = take(.memory) { place in
            place.isUnified
                ? [
                    .init(file: "memory.max", value: "\(memory)"),
                    .init(file: "memory.swap.max", value: total.map { "\($0 - memory)" } ?? "max", isOptional: true),
                ]
                : [
                    .init(file: "memory.limit_in_bytes", value: "\(memory)"),
                    .init(file: "memory.memsw.limit_in_bytes", value: "\(total ?? -1)", isOptional: true),
                ]
        }
        guard !isKept else { return }
        limitEach(.addressSpace, to: Int(memory))
        warnings.append(
            "--memory holds for the address space of each process alone, not for a step as a whole\(hindrance)")
    }

    private mutating func planProcessors() throws(SandboxError) {
        if let count = limits.processors, count > 0 {
            let period = limits.processorPeriod ?? 100_000
            // The kernel takes no less.
            let quota = max(1000, Int((count * Double(period)).rounded()))
            let isKept = take(.cpu) { place in
                place.isUnified
                    ? [.init(file: "cpu.max", value: "\(quota) \(period)")]
                    : [
                        .init(file: "cpu.cfs_period_us", value: "\(period)"),
                        .init(file: "cpu.cfs_quota_us", value: "\(quota)"),
                    ]
            }
            guard isKept else { throw refusal("--cpus (or --cpu-quota)") }
        }
        if let shares = limits.processorShares, shares > 0 {
            let shares = max(2, min(shares, 262_144))
            let isKept = take(.cpu) { place in
                // The scale of version 2, as runc converts it.
                place.isUnified
                    ? [.init(file: "cpu.weight", value: "\(1 + (shares - 2) * 9999 / 262_142)")]
                    : [.init(file: "cpu.shares", value: "\(shares)")]
            }
            guard isKept else { throw refusal("--cpu-shares") }
        }
        guard let list = limits.processorSet else { return }
        guard let numbers = StepLimits.processors(in: list) else {
            throw SandboxError(.limit, "--cpuset-cpus", "\"\(list)\" is no list of processors, such as 0-2,5")
        }
        let isKept = take(.cpuset) { place in
            let own = StepBounds.Group.Setting(file: "cpuset.cpus", value: list)
            guard !place.isUnified else { return [own] }
            // In version 1 a new group has no memory nodes.
            let nodes = ControlGroups.words(in: place.directory / "cpuset.mems").first ?? "0"
            return [.init(file: "cpuset.mems", value: nodes), own]
        }
        guard !isKept else { return }
        bounds.processors = numbers
        warnings.append(
            "--cpuset-cpus holds as long as a step's programs do not choose otherwise themselves\(hindrance)")
    }

    private mutating func planProcesses() throws(SandboxError) {
        let isDefault = limits.processes == nil
        let count = limits.processes ?? StepLimits.defaultProcesses(of: machine.processes)
        guard count > 0 else { return }
        let ownsNumbers = isolation != .chroot && (machine.kernel.major, machine.kernel.minor) >= (6, 14)
        // A bound that is only there for the worst case need not be exact, and need not cost a group.
        if isDefault && ownsNumbers {
            bounds.processNumbers = count
            // Where the builder's own /proc is read-only, that cannot be set.
            if !machine.isRoot { limitEach(.nproc, to: count) }
            return
        }
        let mayDivide = !isDefault || machine.groups().isReady(.pids)
        if mayDivide, take(.pids, { _ in [.init(file: "pids.max", value: "\(count)")] }) { return }
        if isolation == .single, !machine.isRoot, (machine.kernel.major, machine.kernel.minor) >= (5, 14) {
            // Counted in each user namespace, of which every step has one.
            limitEach(.nproc, to: count)
            return
        }
        if ownsNumbers {
            // When numbers begin anew, the first 300 are not given again.
            bounds.processNumbers = count + 300
            bounds.requiresProcessNumbers = true
            warnings.append("--pids-limit is kept with up to 300 more\(hindrance)")
            return
        }
        if !machine.isRoot || isDefault {
            limitEach(.nproc, to: count)
            if isDefault { return }
            warnings.append("--pids-limit counts what else this user runs\(hindrance)")
            return
        }
        throw refusal("--pids-limit")
    }

    /// In the place of a control group. What was asked for in so many words goes before it, and no limit may be above
    /// the builder's own.
    private mutating func limitEach(_ resource: ResourceLimit.Resource, to value: Int) {
        guard !bounds.resources.contains(where: { $0.resource == resource }) else { return }
        let value = min(UInt64(value), machine.ceiling(resource) ?? .max)
        bounds.resources.append(ResourceLimit(resource, soft: value, hard: value))
    }

    /// What is in the way of a control group, and what would lift it.
    private var hindrance: String {
        let reasons = found?.refusals.joined(separator: "; ") ?? ""
        return (reasons.isEmpty ? "" : ": \(reasons)") + ". To have it exact: \(remedy)"
    }

    private var remedy: String { ControlGroups.remedy(hasSystemd: machine.hasSystemd, isRoot: machine.isRoot) }

    private func refusal(_ flag: String) -> SandboxError {
        let reasons = found?.refusals.joined(separator: "; ") ?? ""
        return SandboxError(
            .limit, flag,
            "nothing on this machine can keep this limit for the \"\(isolation.rawValue)\" sandbox (\(reasons)): leave it "
                + "out, or \(remedy)")
    }
}
