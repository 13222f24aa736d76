import Synchronization

/// Lets at most so many tasks through at once; the others wait their turn in order.
final class AsyncGate: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(free: limit)) }

    /// Runs `body` when there is room.
    func pass<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        await enter()
        defer { leave() }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let go = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if go { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// Work that is named by a key and done once however many ask for it.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let tasks = Mutex<[Key: Task<Value, any Error>]>([:])

    /// The value for `key`: made by `body` for the first to ask, awaited by the others. A failure is not remembered.
    func value(for key: Key, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = tasks.withLock { tasks in
            if let running = tasks[key] { return running }
            let task = Task { try await body() }
            tasks[key] = task
            return task
        }
        return try await withTaskCancellationHandler {
            do {
                return try await task.value
            } catch {
                tasks.withLock { $0[key] = nil }
                throw error
            }
        } onCancel: {
            task.cancel()
        }
    }
}
