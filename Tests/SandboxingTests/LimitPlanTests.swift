import LinuxSystem
import Testing

@testable import Sandboxing

/// Which means are taken for which limit, on machines that this one is not.
@Suite struct LimitPlanTests {
    private func machine(
        _ controllers: [ControlGroups.Controller], unified: Bool = true, kernel: (Int, Int) = (6, 18),
        isRoot: Bool = true, refusing: Bool = false
    ) -> LimitPlan.Machine {
        var groups = ControlGroups([])
        for controller in controllers {
            groups.places[controller] = ControlGroups.Place(directory: "/nowhere", isUnified: unified)
        }
        struct Refusal: Error {}
        return LimitPlan.Machine(
            groups: { [groups] in groups }, prepare: { $0 }, attempt: { _ in if refusing { throw Refusal() } },
            kernel: kernel, isRoot: isRoot, ceiling: { $0 == .nproc ? 30_000 : nil }, processes: 1 << 22,
            hasSystemd: true)
    }

    private func settings(_ plan: LimitPlan) -> [String] {
        plan.bounds.groups.flatMap(\.settings).map { "\($0.file)=\($0.value)" }
    }

    @Test func controlGroups() throws {
        var limits = StepLimits()
        limits.memory = 1 << 29
        limits.processors = 1.5
        limits.processorShares = 1024
        limits.processorSet = "0,2"
        limits.processes = 100
        let unified = try LimitPlan(limits, on: .root, machine(ControlGroups.Controller.allCases))
        #expect(
            settings(unified) == [
                "memory.max=536870912", "memory.swap.max=536870912", "cpu.max=150000 100000", "cpu.weight=39",
                "cpuset.cpus=0,2", "pids.max=100",
            ])
        #expect(unified.warnings.isEmpty && unified.bounds.groups.count == 1)
        #expect(unified.bounds.processNumbers == nil && unified.bounds.resources.isEmpty)
        limits.memoryAndSwap = -1
        let first = try LimitPlan(limits, on: .root, machine(ControlGroups.Controller.allCases, unified: false))
        #expect(
            settings(first) == [
                "memory.limit_in_bytes=536870912", "memory.memsw.limit_in_bytes=-1", "cpu.cfs_period_us=100000",
                "cpu.cfs_quota_us=150000", "cpu.shares=1024", "cpuset.mems=0", "cpuset.cpus=0,2", "pids.max=100",
            ])
    }

    @Test("without control groups: what is lost is said", arguments: [true, false]) func fallbacks(_ refusing: Bool)
        throws
    {
        // None at all, or such as cannot be made after all.
        let controllers = refusing ? ControlGroups.Controller.allCases : []
        var limits = StepLimits()
        limits.memory = 1 << 29
        limits.processorSet = "1"
        limits.processes = 100
        let plan = try LimitPlan(limits, on: .single, machine(controllers, isRoot: false, refusing: refusing))
        #expect(plan.bounds.groups.isEmpty)
        #expect(
            plan.bounds.resources == [
                ResourceLimit(.addressSpace, soft: 1 << 29, hard: 1 << 29), ResourceLimit(.nproc, soft: 100, hard: 100),
            ])
        #expect(plan.bounds.processors == [1])
        #expect(plan.bounds.processNumbers == nil)
        #expect(plan.warnings.count == 2)
        #expect(
            plan.warnings.allSatisfy { $0.hasSuffix("systemd-run --user --scope -p Delegate=yes ocibuild build …") })
        let userns = try LimitPlan(limits, on: .userns, machine(controllers, isRoot: false, refusing: refusing))
        #expect(userns.bounds.processNumbers == 400 && userns.bounds.requiresProcessNumbers)
        #expect(userns.warnings.count == 3)
        let older = try LimitPlan(limits, on: .userns, machine([], kernel: (6, 8), isRoot: false))
        #expect(older.bounds.resources.contains(ResourceLimit(.nproc, soft: 100, hard: 100)))
        #expect(older.bounds.processNumbers == nil)
    }

    @Test func whatCannotBeKeptIsAnError() throws {
        func refused(_ edit: (inout StepLimits) -> Void, on isolation: Isolation) -> String? {
            var limits = StepLimits()
            edit(&limits)
            do {
                _ = try LimitPlan(limits, on: isolation, machine([]))
                return nil
            } catch {
                return error.code == .limit ? error.description : "\(error.code)"
            }
        }
        #expect(
            refused({ $0.processors = 2 }, on: .root)?.hasPrefix("--cpus (or --cpu-quota): nothing on this") == true)
        #expect(refused({ $0.processorShares = 2 }, on: .root)?.hasPrefix("--cpu-shares: nothing on this") == true)
        // Root of the machine has as many processes as it likes, and the chroot has no process namespace.
        #expect(
            refused({ $0.processes = 100 }, on: .chroot)?.hasPrefix("--pids-limit: nothing on this machine") == true)
        #expect(refused({ $0.processes = 100 }, on: .root) == nil)
        #expect(refused({ _ in }, on: .chroot) == nil)
    }

    @Test func aForkBombIsBoundByDefault() throws {
        let own = try LimitPlan(StepLimits(), on: .root, machine([.pids])).bounds
        #expect(own.processNumbers == 32768 && !own.requiresProcessNumbers && own.groups.isEmpty)
        let older = try LimitPlan(StepLimits(), on: .root, machine([.pids], kernel: (6, 13)))
        #expect(settings(older) == ["pids.max=32768"])
        let chroot = try LimitPlan(StepLimits(), on: .chroot, machine([.pids], unified: false))
        #expect(settings(chroot) == ["pids.max=32768"])
        let single = try LimitPlan(StepLimits(), on: .single, machine([], kernel: (5, 15), isRoot: false)).bounds
        #expect(single.resources == [ResourceLimit(.nproc, soft: 30_000, hard: 30_000)], "its own hard limit")
        let newer = try LimitPlan(StepLimits(), on: .single, machine([], isRoot: false)).bounds
        #expect(newer.processNumbers == 32768 && newer.resources == single.resources)
        var none = StepLimits()
        none.processes = -1
        #expect(try LimitPlan(none, on: .root, machine([.pids])).bounds == StepBounds())
        #expect(StepLimits.defaultProcesses(of: 32768) == 16384)
        #expect(StepLimits.defaultProcesses(of: 500) == 1024)
    }

    @Test func whereTheGroupIs() {
        let mounts = """
            25 1 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro
            26 25 0:23 / /sys/fs/cgroup/unified rw shared:2 - cgroup2 cgroup2 rw
            27 25 0:24 /docker/abc /sys/fs/cgroup/mem\\040ory rw - cgroup cgroup rw,memory
            28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            """
        let groups = "9:name=systemd:/\n5:memory:/docker/abc/x\n3:cpu,cpuacct:/\n2:pids:/\n0::/user.slice/a b\n"
        let found = ControlGroups.Location.all(groups: groups, mounts: mounts)
        #expect(found.map(\.controllers) == [["memory"], ["cpu", "cpuacct"], []])
        #expect(
            found.map(\.directory) == [
                "/sys/fs/cgroup/mem ory/x", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified/user.slice/a b",
            ])
        let outside = ControlGroups.Location.all(groups: "0::/../other", mounts: mounts)
        #expect(outside.first?.directory == nil && outside.count == 1)
    }

    @Test func resourceLimits() {
        #expect(ResourceLimit(parsing: "nofile=1024:2048") == ResourceLimit(.nofile, soft: 1024, hard: 2048))
        #expect(ResourceLimit(parsing: "core=0") == ResourceLimit(.core, soft: 0, hard: 0))
        #expect(ResourceLimit(parsing: "stack=8388608:-1")?.hard == .some(nil))
        #expect(ResourceLimit(parsing: "as=-1")?.description == "as=-1:-1")
        for wrong in [
            "nofile", "nofile=", "nofile=a", "files=1", "nofile=2:1", "nofile=-1:5", "nofile=1:2:3", "nofile=-2",
        ] {
            #expect(ResourceLimit(parsing: wrong) == nil, "\(wrong)")
        }
        #expect(StepLimits.processors(in: "0-2,5") == [0, 1, 2, 5])
        for wrong in ["", "a", "2-1", "1,", "-1", "1-2-3", "70000"] { #expect(StepLimits.processors(in: wrong) == nil) }
    }
}
