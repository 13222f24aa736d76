import Glibc

/// Threads of our own for work that blocks: Swift's cooperative pool has as many threads as the machine has cores and
/// never grows, so one blocking call there starves every other task.
package final class BlockingPool: Sendable {
    /// The process's pool.
    package static let shared = BlockingPool(limit: 64)

    // The mutex and condition are pthread's, because a waiting thread must give its lock up while it waits; they stay in
    // one place in memory, as pthread demands.
    private final class Shared: @unchecked Sendable {  // All but the two pointers is guarded by `mutex`.
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        /// Work in order; what was taken is nil, so that nothing it holds outlives it.
        var queue: [(@Sendable () -> Void)?] = []
        var next = 0
        var idle = 0
        var threads = 0

        init() {
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_cond_destroy(condition)
            pthread_mutex_destroy(mutex)
            condition.deallocate()
            mutex.deallocate()
        }

        func locked<R>(_ body: () -> R) -> R {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            return body()
        }

        var queued: Int { queue.count - next }

        /// The oldest work; nil when there is none. The mutex is held.
        func takeNext() -> (@Sendable () -> Void)? {
            guard next < queue.count else { return nil }
            let work = queue[next].take()
            next += 1
            // Half of it taken: the rest moves up, which costs each piece of work at most one move.
            if next * 2 >= queue.count {
                queue.removeFirst(next)
                next = 0
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
        let grows = shared.locked {
            shared.queue.append(work)
            let grows = shared.idle < shared.queued && shared.threads < limit
            if grows { shared.threads += 1 }
            pthread_cond_signal(shared.condition)
            return grows
        }
        if grows { startThread() }
    }

    private func startThread() {
        let shared = self.shared
        // Room for a walk through a tree as deep as a path can name, 2048 folders; only what is touched takes memory.
        let started = Thread.start(stackSize: 8 << 20) {
            while true {
                let work = shared.locked {
                    while true {
                        if let work = shared.takeNext() { return work }
                        shared.idle += 1
                        pthread_cond_wait(shared.condition, shared.mutex)
                        shared.idle -= 1
                    }
                }
                work()
            }
        }
        if started { return }
        // The work stays queued for the threads there are. Where the system gives none at all, it is done right here:
        // slow is better than never.
        var isAlone = shared.locked {
            shared.threads -= 1
            return shared.threads == 0
        }
        while isAlone {
            let work = shared.locked {
                isAlone = shared.threads == 0
                return isAlone ? shared.takeNext() : nil
            }
            guard let work else { return }
            work()
        }
    }
}
