/// How a container says that it is well. Durations are written as in a Dockerfile: `30s`, `1m30s`.
public struct HealthcheckAction: Sendable, Hashable {
    /// What is run; its exit status is the answer.
    public var command: CommandForm
    /// The time between checks.
    public var interval: String?
    /// How long a check may take.
    public var timeout: String?
    /// The time in which failures do not count.
    public var startPeriod: String?
    /// The time between checks within `startPeriod`.
    public var startInterval: String?
    /// How many failures in a row make a container unhealthy.
    public var retries: Int?

    /// A check that runs `command`.
    public init(_ command: CommandForm) { self.command = command }
}
