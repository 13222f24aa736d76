/// Where a step's output came from.
package enum StepStream: Hashable, Sendable {
    /// Standard output.
    case stdout
    /// Standard error.
    case stderr
}

/// How a step's command ended. Not zero is a result, not an error.
package enum ExitStatus: Hashable, Sendable {
    /// It ended by itself, with this status.
    case exited(Int32)
    /// A signal ended it.
    case signaled(Int32)
}

/// A place where a step's command runs.
package protocol Sandbox: Sendable {
    /// The rung of the ladder that this is.
    var isolation: Isolation { get }

    /// Runs the command of `spec` to its end and returns how it ended and what it took. When this returns or throws, no process of the
    /// step is left, no mount and no control group.
    ///
    /// `output` gets every byte, in order within a stream, one call at a time, on a thread that may block: while it
    /// does, the step's writes wait, so nothing is queued. Cancelling the task kills the step at once and throws
    /// `CancellationError`. A command that could not be started throws `SandboxError`.
    func run(
        _ spec: SandboxSpec, output: @escaping @Sendable (StepStream, UnsafeRawBufferPointer) -> Void
    ) async throws -> StepOutcome
}
