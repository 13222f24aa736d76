import CLinux
import Glibc
import LinuxSystem
import Testing

@testable import Sandboxing

/// Limits as steps meet them (THREATS B23).
@Suite struct LimitTests {
    static let rungs = TestRung.current.isRoot ? [Isolation.root, .chroot] : [TestRung.current.isolation]

    private func run(
        _ line: String, on isolation: Isolation, in tree: BusyboxTree, _ edit: (inout StepLimits) -> Void
    ) async throws -> Transcript {
        var limits = StepLimits()
        edit(&limits)
        let bounds = try LimitPlan(limits, on: isolation).bounds
        let done =
            isolation == .chroot
            ? try await tree.runInChroot(line) { $0.bounds = bounds }
            : try await tree.run(line) { $0.bounds = bounds }
        for group in bounds.groups {
            #expect(try await abandoned(in: group.place.directory).isEmpty, "a control group is left")
        }
        return done
    }

    /// Groups that nobody holds. One that is being made is not held for a moment.
    private func abandoned(in directory: Path) async throws -> [Path] {
        func look() throws -> [Path] {
            try DirectoryListing.entries(at: directory).map { directory / $0.name }.filter { place in
                guard place.lastComponent?.bytes.starts(with: "ocibuild-step-".utf8) == true,
                    let lock = try? OwnedDescriptor.open(place, O_RDONLY)
                else { return false }
                return clinux_flock(lock.raw, LOCK_SH | LOCK_NB) == 0
            }
        }
        let suspects = try look()
        if suspects.isEmpty { return [] }
        try await Task.sleep(for: .milliseconds(200))
        return try look().filter { suspects.contains($0) }
    }

    /// These tests are about what the kernel does with a limit, so they need one of its means.
    private func controlGroup(_ controller: ControlGroups.Controller) -> Bool {
        ControlGroups.ofThisProcess().prepared().places[controller] != nil
    }

    @Test("a step that takes too long is killed", arguments: rungs) func timeout(_ isolation: Isolation) async throws {
        let tree = try BusyboxTree()
        let mark = "100000\(Int.random(in: 100...999))"
        let done = try await run(
            "trap '' TERM INT HUP; echo begun; setsid sleep \(mark) & sh -c 'kill -STOP $$; sleep \(mark)' & sleep \(mark)",
            on: isolation, in: tree
        ) { $0.timeout = .milliseconds(700) }
        #expect(done.outcome.isTimedOut)
        #expect(done.status == .signaled(SIGKILL))
        #expect(done.output == "begun\n")
        let quick = try await run("exit 3", on: isolation, in: tree) { $0.timeout = .seconds(600) }
        #expect(!quick.outcome.isTimedOut && quick.status == .exited(3))
        #expect(try Processes.withArguments(containing: mark).isEmpty)
    }

    @Test("memory", arguments: rungs) func memory(_ isolation: Isolation) async throws {
        let tree = try BusyboxTree()
        // What dd reads at once it must hold; the shell's status is that of dd, killed.
        let line = "echo start; dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null"
        let wide = try await run(line, on: isolation, in: tree) { $0.memory = 400 << 20 }
        #expect(wide.status == .exited(0) && wide.outcome.memoryKills == 0)
        let narrow = try await run(line, on: isolation, in: tree) { $0.memory = 64 << 20 }
        #expect(narrow.output == "start\n")
        if controlGroup(.memory) {
            #expect(narrow.status == .signaled(SIGKILL) || narrow.status == .exited(137), "\(narrow.outcome)")
            #expect(narrow.outcome.memoryKills == 1)
            #expect((wide.outcome.peakMemory ?? 0) > 200 << 20)
            #expect((1...(64 << 20)).contains(narrow.outcome.peakMemory ?? 0))
        } else {
            #expect(narrow.status != .exited(0))
        }
    }

    @Test("each process of a step is limited where no control group is", arguments: rungs)
    func addressSpace(_ isolation: Isolation) async throws {
        let tree = try BusyboxTree()
        let done = try await run("dd if=/dev/zero of=/dev/null bs=200M count=1", on: isolation, in: tree) {
            $0.resources = [ResourceLimit(.addressSpace, soft: 64 << 20, hard: 64 << 20)]
        }
        #expect(done.status == .exited(1))
        #expect(done.error.contains("out of memory") || done.error.contains("memory exhausted"), "\(done.error)")
    }

    @Test("a fork bomb is bound", .timeLimit(.minutes(10)), arguments: rungs)
    func processes(_ isolation: Isolation) async throws {
        guard isolation != .chroot || controlGroup(.pids) else {
            #expect(throws: SandboxError.self) {
                var limits = StepLimits()
                limits.processes = 50
                _ = try LimitPlan(limits, on: isolation)
            }
            return
        }
        let tree = try BusyboxTree()
        // What is refused ends the shell that asked for it. Without control groups up to 300 more are let through.
        let line = """
            i=0; while [ $i -lt 500 ]; do sleep 1000 & i=$((i+1)); done 2>/tmp/refused
            echo unreachable
            """
        let many = try await run("sh -c '\(line)'; cat /tmp/refused", on: isolation, in: tree) { $0.processes = 50 }
        #expect(many.output.contains("can't fork"), "\(many)")
        #expect(!many.output.contains("unreachable"))
        let mark = "OCIBUILD_MARK=\(tree.base)"
        let bomb = "export \(mark); \(ForkBomb.line) 2>/dev/null & sleep 1; exit 7"
        let done = try await run(bomb, on: isolation, in: tree) { $0.processes = 100 }
        #expect(done.status == .exited(7) || done.status == .exited(2), "\(done.outcome)")
        #expect(try Processes.withEnvironment(containing: mark).isEmpty)
    }

    @Test func theNamespaceBoundsProcessesByDefault() async throws {
        let tree = try BusyboxTree()
        let bounds = try LimitPlan(StepLimits(), on: TestRung.current.isolation).bounds
        let done = try await tree.run("cat /proc/sys/kernel/pid_max; echo 5 >/proc/sys/kernel/pid_max") {
            $0.bounds = bounds
        }
        if let count = bounds.processNumbers, try TestRung.traits.get().processes == .fresh {
            #expect(done.lines.first == "\(count)")
        } else {
            #expect(bounds.groups.count + bounds.resources.count == 1)
        }
        #expect(done.error.contains("Read-only file system"))
    }

    @Test("each process", arguments: rungs) func resources(_ isolation: Isolation) async throws {
        let tree = try BusyboxTree()
        let done = try await run("ulimit -Sn; ulimit -Hn; ulimit -Sc", on: isolation, in: tree) {
            $0.resources = [
                ResourceLimit(.nofile, soft: 99, hard: 101), ResourceLimit(.core, soft: 512, hard: nil),
            ]
        }
        #expect(done.lines == ["99", "101", "1"])
        let other = try await run("ulimit -Sc", on: isolation, in: tree) { _ in }
        #expect(other.lines == ["0"])
        // More than sysctl fs.nr_open, which not even root may have.
        await #expect(throws: SandboxError.self) {
            try await run("true", on: isolation, in: tree) {
                $0.resources = [ResourceLimit(.nofile, soft: 1 << 40, hard: 1 << 40)]
            }
        }
    }

    @Test("processors", arguments: rungs) func processors(_ isolation: Isolation) async throws {
        let tree = try BusyboxTree()
        var bounds = StepBounds()
        bounds.processors = [0]
        let line = "while read a b; do [ $a != Cpus_allowed_list: ] || echo $b; done </proc/self/status"
        let done = try await tree.run(line) { $0.bounds = bounds }
        #expect(done.lines == ["0"])
        guard controlGroup(.cpuset), controlGroup(.cpu) else { return }
        let grouped = try await run(isolation == .chroot ? "true" : line, on: isolation, in: tree) {
            $0.processorSet = "0"
            $0.processors = 0.5
            $0.processorShares = 512
        }
        #expect(grouped.status == .exited(0))
        if isolation != .chroot { #expect(grouped.lines == ["0"]) }
    }

    @Test func sharedMemory() async throws {
        let tree = try BusyboxTree()
        let done = try await run(
            "dd if=/dev/zero of=/dev/shm/x bs=1M count=3 2>&1", on: TestRung.current.isolation, in: tree
        ) {
            $0.sharedMemory = 1 << 20
        }
        #expect(done.output.contains("No space left on device"))
    }

    @Test func whatAStepUsed() async throws {
        let tree = try BusyboxTree()
        let done = try await run(
            "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done", on: TestRung.current.isolation, in: tree
        ) { _ in }
        #expect(done.outcome.processorSeconds > 0)
    }

    @Test func aGroupThatACrashLeft() throws {
        let groups = ControlGroups.ofThisProcess().prepared()
        guard let place = groups.places[.pids] else { return }
        let left = place.directory / "ocibuild-step-left"
        try FileSystem.makeDirectory(left)
        let mine = try StepGroups([.init(place: place, settings: [])])
        #expect(!FileSystem.exists(left))
        #expect(mine.directories.allSatisfy { FileSystem.exists($0) })
        // Whoever comes next leaves alone what is in use.
        _ = try StepGroups([.init(place: place, settings: [])]).finish()
        #expect(mine.directories.allSatisfy { FileSystem.exists($0) })
        let directories = mine.directories
        _ = mine.finish()
        #expect(directories.allSatisfy { !FileSystem.exists($0) })
    }
}
