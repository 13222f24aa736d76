import LinuxSystem
import Synchronization

/// Work on a thread of the blocking pool that a cancelled task can stop between two pieces.
enum CancellableWork {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Runs `body` on the pool; the function it is given throws `CancellationError` once the task is cancelled.
    static func run<R: Sendable>(
        _ body: @Sendable @escaping (_ check: @Sendable () throws -> Void) throws -> R
    ) async throws -> R {
        let flag = Flag()
        return try await withTaskCancellationHandler {
            try await BlockingPool.shared.run {
                try body {
                    if flag.isSet.load(ordering: .relaxed) { throw CancellationError() }
                }
            }
        } onCancel: {
            flag.isSet.store(true, ordering: .relaxed)
        }
    }
}
