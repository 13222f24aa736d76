import Glibc
import Synchronization

/// Threads of our own for work that blocks: Swift's cooperative pool has as many threads as the machine has cores and
/// never grows, so one blocking call there starves every other task.
package final class BlockingPool: Sendable {
    /// The process's pool.
    package static let shared = BlockingPool(limit: 64)

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var next = 0
        var idle = 0
        var threads = 0
    }

    // The mutex and condition are pthread's, because a waiting thread must give its lock up while it waits.
    private final class Shared: @unchecked Sendable {  // Guarded by `mutex`.
        var mutex = pthread_mutex_t()
        var condition = pthread_cond_t()
        var state = State()

        init() {
            pthread_mutex_init(&mutex, nil)
            pthread_cond_init(&condition, nil)
        }

        func takeNext() -> (@Sendable () -> Void)? {
            guard state.next < state.waiting.count else { return nil }
            let work = state.waiting[state.next]
            state.next += 1
            if state.next == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: true)
                state.next = 0
            }
            return work
        }
    }

    private let shared = Shared()
    private let limit: Int

    /// A pool that grows to `limit` threads as work arrives, and keeps them.
    package init(limit: Int) { self.limit = limit }

    /// Runs `body` on a thread that may block, and returns what it returns.
    package func run<R: Sendable>(_ body: @Sendable @escaping () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Queues work whose end nobody waits for here.
    package func submit(_ work: @Sendable @escaping () -> Void) {
        pthread_mutex_lock(&shared.mutex)
        shared.state.waiting.append(work)
        let queued = shared.state.waiting.count - shared.state.next
        let grow = shared.state.idle < queued && shared.state.threads < limit
        if grow { shared.state.threads += 1 }
        pthread_cond_signal(&shared.condition)
        pthread_mutex_unlock(&shared.mutex)
        if grow { startThread() }
    }

    private func startThread() {
        let shared = self.shared
        // Room for a walk through a tree as deep as a path can name, 2048 folders; only what is touched takes memory.
        let started = Thread.start(stackSize: 8 << 20) {
            while true {
                pthread_mutex_lock(&shared.mutex)
                var work = shared.takeNext()
                while work == nil {
                    shared.state.idle += 1
                    pthread_cond_wait(&shared.condition, &shared.mutex)
                    shared.state.idle -= 1
                    work = shared.takeNext()
                }
                pthread_mutex_unlock(&shared.mutex)
                work?()
            }
        }
        if !started {
            // The work stays queued for the threads there are.
            pthread_mutex_lock(&shared.mutex)
            shared.state.threads -= 1
            pthread_mutex_unlock(&shared.mutex)
        }
    }
}
