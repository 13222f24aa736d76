import BuildEngine

/// A build that runs: its events as they happen, and its result.
public struct Build: Sendable {
    /// What happens, in order; ends when the build does. Events wait in memory until they are read: where nobody reads
    /// them, use ``Builder/build(_:context:options:report:)``, which keeps none.
    public let events: AsyncStream<BuildEvent>
    private let task: Task<BuiltImage, any Error>

    init(_ body: @escaping @Sendable (@escaping @Sendable (BuildEvent) -> Void) async throws -> BuiltImage) {
        let (events, continuation) = AsyncStream.makeStream(of: BuildEvent.self)
        self.events = events
        task = Task {
            defer { continuation.finish() }
            return try await body { continuation.yield($0) }
        }
    }

    /// The image, or the error that ended the build: a `StepError` around a `BuildFailure` where a command failed.
    /// Cancelling the caller's task cancels the build, whose processes are gone when this returns.
    public var result: BuiltImage {
        get async throws {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
    }

    /// Ends the build early; ``result`` then throws `CancellationError`.
    public func cancel() { task.cancel() }
}
