import Glibc
import LinuxSystem
import Synchronization
import Testing

@testable import Sandboxing

/// Nothing outlives a step, and nothing a builder (THREATS B22, B23).
@Suite struct LifetimeTests {
    /// Waits until `condition` holds; false after `seconds`.
    func holds(within seconds: Double, _ condition: () throws -> Bool) async throws -> Bool {
        let deadline = monotonicSeconds() + seconds
        while try !condition() {
            if monotonicSeconds() > deadline { return false }
            try await Task.sleep(nanoseconds: 5_000_000)
        }
        return true
    }

    @Test(arguments: TestRung.current.isRoot ? ["sleep", "sleep-chroot"] : ["sleep"]) func killOfTheBuilder(
        _ role: String
    ) async throws {
        let tree = try BusyboxTree()
        try FileSystem.makeDirectory(tree.base / "work")
        let builder = try ProcessInformation.startBuilder(role, in: tree.base)
        let mark = "OCIBUILD_MARK=\(tree.base)"
        let running = try await holds(within: 120) { try Processes.withEnvironment(containing: mark).count >= 4 }
        #expect(running, "the step should be running")
        kill(builder, SIGKILL)
        var status: CInt = 0
        waitpid(builder, &status, 0)
        // Guard and step; the former has the builder's environment.
        let gone = try await holds(within: 120) {
            try Processes.withEnvironment(containing: tree.base.description).isEmpty
        }
        #expect(gone, "processes are left")
        let mounts = String(decoding: try FileSystem.readFile("/proc/self/mountinfo"), as: UTF8.self)
        #expect(!mounts.contains(tree.base.description))
    }

    @Test(arguments: TestRung.current.isRoot ? [true, false] : [true]) func cancellation(_ namespaces: Bool)
        async throws
    {
        let tree = try BusyboxTree()
        let mark = "OCIBUILD_MARK=\(tree.base)"
        let spec = tree.spec("trap '' TERM INT HUP; setsid sleep 1000 & echo up; sleep 1000") {
            $0.environment.append(mark)
            if !namespaces { $0.root = .directory(tree.lower) }
        }
        let sandbox: any Sandbox = try namespaces ? TestRung.sandbox : ChrootSandbox()
        let (up, isUp) = AsyncStream<Void>.makeStream()
        let task = Task { try await sandbox.run(spec) { _, _ in isUp.yield() } }
        for await _ in up { break }
        let begin = monotonicSeconds()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // Far below the command's own 1000 seconds, and far above what a busy machine may take.
        #expect(monotonicSeconds() - begin < 60)
        #expect(try Processes.withEnvironment(containing: mark).isEmpty)
    }

    @Test func aKillThatComesTooLateIsHarmless() throws {
        let control = try StepControl()
        #expect(
            try StepProcess.run(SandboxPlan(namespaces: []), control: control, output: { _, _ in }).status == .exited(0)
        )
        // The guard has gone. A pipe that nobody reads would answer with a signal that ends the program.
        var (broken, before, pending) = (sigset_t(), sigset_t(), sigset_t())
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &broken, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        control.kill()
        sigpending(&pending)
        #expect(sigismember(&pending, SIGPIPE) == 0)
        #expect(control.isKilled)
    }

    @Test func cancelledBeforeItBegan() async throws {
        let tree = try BusyboxTree()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await tree.run("sleep 1000")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(.timeLimit(.minutes(10))) func daemonsEndWithTheStep() async throws {
        let tree = try BusyboxTree()
        let mark = "OCIBUILD_MARK=\(tree.base)"
        // Daemons that hold the output open would hold the step up for as long as they sleep.
        let done = try await tree.run("for i in $(seq 50); do setsid sleep 100000 & done; echo ok; exit 4") {
            $0.environment.append(mark)
        }
        #expect(done.status == .exited(4))
        #expect(done.output == "ok\n")
        #expect(try Processes.withEnvironment(containing: mark).isEmpty)
    }

    /// The kernel bounds the processes of no user that is root outside.
    @Test(.enabled(if: TestRung.current != .singleAsRoot)) func aForkBombEndsWithTheStep() async throws {
        let tree = try BusyboxTree()
        let mark = "OCIBUILD_MARK=\(tree.base)"
        let done = try await tree.run("ulimit -u 60 || exit 9; \(ForkBomb.line) 2>/dev/null & sleep 0.3; exit 0") {
            $0.environment.append(mark)
            $0.user = SandboxUser(uid: 54321, gid: 54321)
        }
        // The shell that sleeps may itself be refused a process.
        #expect(done.status == .exited(0) || done.status == .exited(2))
        #expect(try Processes.withEnvironment(containing: mark).isEmpty)
    }

    @Test func aFloodOfOutputIsPassedOnAndNotKept() async throws {
        let tree = try BusyboxTree()
        let size = 1 << 30
        let count = Mutex((bytes: 0, largest: 0))
        let outcome = try await TestRung.sandbox.run(tree.spec("dd if=/dev/zero bs=1M count=1024 2>/dev/null")) {
            _, bytes in
            count.withLock {
                $0.bytes += bytes.count
                $0.largest = max($0.largest, bytes.count)
            }
        }
        #expect(outcome.status == .exited(0))
        #expect(count.withLock { $0.bytes } == size)
        #expect(count.withLock { $0.largest } <= 64 << 10)
    }

    @Test func aSlowReaderHoldsTheStepBack() async throws {
        let tree = try BusyboxTree()
        let written = tree.upper / "tmp/count"
        let seen = Mutex<Int64>(-1)
        let line = "for i in $(seq 2000); do echo $i >>/tmp/count; echo \(String(repeating: "x", count: 999)); done"
        _ = try await TestRung.sandbox.run(tree.spec(line)) { _, _ in
            guard seen.withLock({ $0 < 0 }) else { return }
            usleep(500_000)
            seen.withLock { $0 = (try? FileSystem.status(written).size) ?? 0 }
        }
        // 2000 lines would be 8893 bytes; the pipe takes some 64 of them, and one reading as many.
        #expect((1..<1000).contains(seen.withLock { $0 }))
        #expect(try FileSystem.status(written).size == 8893)
    }
}
