import LinuxSystem
import Synchronization

/// A flag that stops a blocking transfer from outside its thread.
package final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    /// Not cancelled yet.
    package init() {}

    /// Asks the transfer to stop; it does within about a second.
    package func cancel() { flag.store(true, ordering: .relaxed) }

    /// Whether `cancel` was called.
    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// Runs blocking work on the pool, and cancels it when the task is cancelled.
    package static func blocking<R: Sendable>(
        _ body: @Sendable @escaping (Cancellation) throws -> R
    ) async throws -> R {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await BlockingPool.shared.run { try body(cancellation) }
        } onCancel: {
            cancellation.cancel()
        }
    }
}
