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
    public init(
        _ command: CommandForm, interval: String? = nil, timeout: String? = nil, startPeriod: String? = nil,
        startInterval: String? = nil, retries: Int? = nil
    ) {
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }
}
