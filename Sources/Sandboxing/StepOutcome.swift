/// How a step's command ended, and what it took.
package struct StepOutcome: Hashable, Sendable {
    /// How it ended.
    package var status: ExitStatus
    /// It was killed because its time was over.
    package var isTimedOut = false
    /// How many of its processes the kernel killed because they needed more memory than the step has; known where a
    /// control group keeps that limit.
    package var memoryKills = 0
    /// The most memory that it had at one time, in bytes; known where a control group counts it.
    package var peakMemory: Int64?
    /// Seconds that its processes kept a processor busy, as far as they were waited for.
    package var processorSeconds = 0.0

    /// An end like this.
    package init(_ status: ExitStatus) { self.status = status }
}
