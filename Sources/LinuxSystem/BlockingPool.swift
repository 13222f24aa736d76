import Glibc

/// Threads of our own for work that blocks: Swift's cooperative pool has as many threads as the machine has cores and
/// never grows, so one blocking call there starves every other task.
///
/// Work may wait for other work of the same pool, as who passes a blob on waits for who takes it. So that all threads
/// never wait for what is still queued, the pool grows beyond its limit while nothing that is queued begins.
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
        /// How much work has begun, ever.
        var begun = 0
        /// Whether a thread watches that work goes on beginning.
        var isWatched = false

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
            begun += 1
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

    /// A pool that grows to `limit` threads as work arrives, and keeps them; it has more for as long as it must.
    package init(limit: Int) { self.limit = limit }

    /// How many threads there are.
    package var threadCount: Int { shared.locked { shared.threads } }

    /// Runs `body` on a thread that may block, and returns what it returns.
    package func run<R: Sendable>(_ body: @Sendable @escaping () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Queues work whose end nobody waits for here.
    package func submit(_ work: @Sendable @escaping () -> Void) {
        let (grows, isFull) = shared.locked {
            shared.queue.append(work)
            let lacks = shared.idle < shared.queued
            let grows = lacks && shared.threads < limit
            if grows { shared.threads += 1 }
            let isFull = lacks && !grows && !shared.isWatched
            if isFull { shared.isWatched = true }
            pthread_cond_signal(shared.condition)
            return (grows, isFull)
        }
        if grows { startThread() }
        // Where there is no thread to watch, there is none to grow by either.
        if isFull, !Thread.start({ [self] in watch() }) { shared.locked { shared.isWatched = false } }
    }

    /// Adds a thread whenever nothing has begun for a while though something is queued; until nothing is.
    private func watch() {
        var before = -1
        while true {
            let (isOver, grows) = shared.locked {
                if shared.queued == 0 {
                    shared.isWatched = false
                    return (true, false)
                }
                let grows = shared.begun == before
                if grows { shared.threads += 1 }
                // One begins on the new thread: if none does but that, another is needed.
                before = shared.begun + (grows ? 1 : 0)
                return (false, grows)
            }
            if isOver { return }
            if grows { startThread() }
            usleep(Self.patience)
        }
    }

    /// How long nothing need begin before the pool grows beyond its limit, in microseconds: long beside most work, so
    /// that the limit means something; short beside what somebody notices.
    private static let patience: UInt32 = 100_000

    private func startThread() {
        let (shared, limit) = (self.shared, self.limit)
        // Room for a walk through a tree as deep as a path can name, 2048 folders; only what is touched takes memory.
        let started = Thread.start(stackSize: 8 << 20) {
            while true {
                let work = shared.locked { () -> (@Sendable () -> Void)? in
                    while true {
                        if let work = shared.takeNext() { return work }
                        if shared.threads > limit {
                            shared.threads -= 1
                            return nil
                        }
                        shared.idle += 1
                        pthread_cond_wait(shared.condition, shared.mutex)
                        shared.idle -= 1
                    }
                }
                guard let work else { return }
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
