import Glibc

/// A lock, and a condition that its holders wait for and tell one another of. For short critical sections of threads
/// that may block; not reentrant.
// @unchecked Sendable: both parts are made for use by many threads, and stay in one place in memory, as pthread demands.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A lock that nobody holds.
    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` while no other thread is in here.
    package func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Gives the lock up until somebody calls ``wake()``; may return without that. The caller holds the lock.
    package func wait() { pthread_cond_wait(condition, mutex) }

    /// Wakes all that wait.
    package func wake() { pthread_cond_broadcast(condition) }
}
