import Synchronization
import TestSupport

/// Lets several writers go on one at a time, in an order that follows from a seed: so each of thousands of
/// interleavings can be had again.
final class Turnstile: Sendable {
    private struct State {
        var random: RandomImage.Generator
        /// Thousandths: how likely the one who went last goes again. High values leave others standing for long.
        var inertia: Int
        var active: Int
        var last = -1
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    /// For writers 0..<count.
    init(count: Int, seed: UInt64) {
        var random = RandomImage.Generator(seed: seed)
        let inertia = [0, 300, 600, 900].randomElement(using: &random) ?? 0
        state = Mutex(State(random: random, inertia: inertia, active: count))
    }

    /// Waits for the writer's turn.
    func turn(_ writer: Int) async {
        await withCheckedContinuation { continuation in
            let next = state.withLock { state in
                state.waiting[writer] = continuation
                return Self.next(&state)
            }
            next?.resume()
        }
    }

    /// The writer needs no more turns.
    func leave() {
        let next = state.withLock { state in
            state.active -= 1
            return Self.next(&state)
        }
        next?.resume()
    }

    private static func next(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        guard !state.waiting.isEmpty, state.waiting.count == state.active else { return nil }
        let again = Int.random(in: 0..<1000, using: &state.random) < state.inertia
        if !again || state.waiting[state.last] == nil {
            state.last = state.waiting.keys.sorted().randomElement(using: &state.random) ?? 0
        }
        return state.waiting.removeValue(forKey: state.last)
    }
}
