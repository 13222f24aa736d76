import CLinux
import CSandbox
import Glibc
import LinuxSystem

/// Carries out one plan: starts guard and step, passes the output on, and waits for the end of both.
enum StepProcess {
    typealias Output = (StepStream, UnsafeRawBufferPointer) -> Void

    /// The reading ends of the step's standard output and error.
    private struct Pipes: ~Copyable {
        let output: OwnedDescriptor
        let error: OwnedDescriptor
    }

    /// Blocks until the step has ended. `mapIdentities` is called with the process id of a step in a user namespace of
    /// its own, before the step's first operation. When this returns or throws, the step's control groups have gone too.
    static func run(
        _ plan: SandboxPlan, control: StepControl, mapIdentities: (pid_t) throws -> Void = { _ in },
        links: [LinkOwner] = [], upper: Path? = nil, ledger: LedgerSink? = nil, output: Output
    ) throws -> StepOutcome {
        let groups: StepGroups
        do { groups = try StepGroups(plan.bounds.groups) } catch {
            throw SandboxError(.limit, "control group", "cannot be made: \(error)", errno: error.errno)
        }
        let flat = FlatPlan(plan, groups: groups.directories)
        try flat.supervise(links: links, upper: upper)
        let step = flat.step
        let pipes = try start(step, control)
        var failure: (any Error)?
        if step.pointee.waits_for_map != 0 {
            let pid = csandbox_await(step)
            if pid > 0 {
                do {
                    try groups.admit(pid)
                    if plan.namespaces.contains(.user) { try mapIdentities(pid) }
                } catch {
                    failure = error
                    control.kill()
                }
                if failure == nil { csandbox_release(step) }
            }
        }
        do { try pass(pipes, until: step.pointee.guard_descriptor, output) } catch {
            failure = failure ?? error
            control.kill()
        }
        let waited = csandbox_finish(step)
        let counts = groups.finish()
        if waited != 0 { throw SystemError("wait", nil, errno: Errno(code: waited)) }
        if let failure { throw failure }
        if let supervisor = step.pointee.supervisor, supervisor.pointee.dropped != 0 {
            throw SandboxError(
                .setup, "supervisor",
                "the step gave so many symbolic links to others that no memory is left to know them")
        }
        ledger?.set(flat.links)
        var outcome = StepOutcome(try status(of: step.pointee, plan, control))
        outcome.isTimedOut = step.pointee.timed_out != 0
        outcome.memoryKills = counts.memoryKills
        outcome.peakMemory = counts.peakMemory
        outcome.processorSeconds = Double(step.pointee.processor_time) / 1e9
        return outcome
    }

    private static func start(
        _ step: UnsafeMutablePointer<csandbox_step>, _ control: StepControl
    ) throws(SystemError) -> Pipes {
        guard let listener = control.takeListener() else { throw SystemError("start", nil, errno: .busy) }
        let nothing = try OwnedDescriptor.open("/dev/null", O_RDONLY)
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { clinux_pipe(&ends) }
        let outputRead = OwnedDescriptor(adopting: ends[0])
        let outputWrite = OwnedDescriptor(adopting: ends[1])
        _ = try checked("pipe") { clinux_pipe(&ends) }
        let errorRead = OwnedDescriptor(adopting: ends[0])
        let errorWrite = OwnedDescriptor(adopting: ends[1])
        step.pointee.input = nothing.raw
        step.pointee.output = outputWrite.raw
        step.pointee.error = errorWrite.raw
        step.pointee.control = listener
        // The guard has copies of the four when this returns. Our writing ends go with it, or the output would have no
        // end.
        let failure = csandbox_start(step)
        guard failure == 0 else { throw SystemError("clone", nil, errno: Errno(code: failure)) }
        return Pipes(output: outputRead, error: errorRead)
    }

    private static func pass(
        _ pipes: borrowing Pipes, until guardDescriptor: CInt, _ output: Output
    ) throws(SystemError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        let streams: [StepStream] = [.stdout, .stderr]
        var polls = [pipes.output.raw, pipes.error.raw, guardDescriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        // A descendant that got away cannot hold us up: when the guard is gone, only what is in the pipes counts.
        var ended = false
        while polls[0].fd >= 0 || polls[1].fd >= 0 {
            let ready = try checked("poll") { poll(&polls, nfds_t(polls.count), ended ? 0 : -1) }
            if ready == 0 { return }
            for index in 0..<2 where polls[index].revents != 0 {
                let count = try checked("read") { read(polls[index].fd, buffer.baseAddress, buffer.count) }
                if count == 0 {
                    polls[index].fd = -1
                } else {
                    output(streams[index], UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
            if polls[2].revents != 0 {
                polls[2].fd = -1
                polls[2].revents = 0
                ended = true
            }
        }
    }

    private static func status(
        of step: csandbox_step, _ plan: SandboxPlan, _ control: StepControl
    ) throws -> ExitStatus {
        if control.isKilled { throw CancellationError() }
        if step.failure != 0 {
            throw SandboxError(failureOf: step, plan)
        }
        guard step.finished != 0 else {
            throw SandboxError(.setup, "guard", "the process that watches over the step was killed from outside")
        }
        if clinux_wait_exited(step.status) != 0 { return .exited(clinux_wait_exit_status(step.status)) }
        return .signaled(clinux_wait_signal(step.status))
    }
}
