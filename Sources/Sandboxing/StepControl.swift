import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// The line to a step's guard: a byte on it, or its end, kills the step. Any thread may use it at any time, before the
/// step has begun too.
final class StepControl: Sendable {
    private struct State: ~Copyable {
        var listener: OwnedDescriptor?
        let sender: OwnedDescriptor
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

    /// The end that the guard listens on; can be taken once.
    func takeListener() -> OwnedDescriptor? {
        state.withLock { state in state.listener.take() }
    }
}
