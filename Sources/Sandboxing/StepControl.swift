import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// The line to a step's guard: a byte on it, or its end, kills the step. Any thread may use it at any time, before the
/// step has begun too.
final class StepControl: Sendable {
    /// Does `body`, which runs a step to its end, on a thread that may block. Cancelling the task kills the step.
    static func duringTask(
        _ body: @escaping @Sendable (StepControl) throws -> StepOutcome
    ) async throws -> StepOutcome {
        let control = try StepControl()
        return try await withTaskCancellationHandler {
            try await BlockingPool.shared.run {
                if control.isKilled { throw CancellationError() }
                return try body(control)
            }
        } onCancel: {
            control.kill()
        }
    }

    private struct State: ~Copyable {
        // Kept open beyond the guard's end: on a pipe without a reader `kill` would be answered with SIGPIPE.
        let listener: OwnedDescriptor
        let sender: OwnedDescriptor
        var isTaken = false
        var killed = false
    }

    private let state: Mutex<State>

    init() throws(SystemError) {
        var ends: [CInt] = [0, 0]
        _ = try checked("pipe") { clinux_pipe(&ends) }
        state = Mutex(
            State(listener: OwnedDescriptor(adopting: ends[0]), sender: OwnedDescriptor(adopting: ends[1])))
    }

    /// Kills the step, now or as soon as it begins.
    func kill() {
        state.withLock { state in
            guard !state.killed else { return }
            state.killed = true
            var byte: UInt8 = 0
            _ = write(state.sender.raw, &byte, 1)
        }
    }

    var isKilled: Bool { state.withLock { $0.killed } }

    /// The end that the guard listens on, valid while `self` lives; nil when it was asked for before.
    func takeListener() -> CInt? {
        state.withLock { state in
            guard !state.isTaken else { return nil }
            state.isTaken = true
            return state.listener.raw
        }
    }
}
