/// Docker's check of whether a container is well. Durations are nanoseconds; 0 means the engine's default.
public struct Healthcheck: Hashable, Sendable {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", command]`; empty inherits.
    public var test: [String]
    /// Time between two checks.
    public var interval: Int64
    /// Time after which a check has failed.
    public var timeout: Int64
    /// Time after the start in which failures do not count.
    public var startPeriod: Int64
    /// Time between two checks during the start period.
    public var startInterval: Int64
    /// Failures in a row that make a container unhealthy; 0 means the engine's default.
    public var retries: Int

    /// A check of these parts.
    public init(
        test: [String] = [], interval: Int64 = 0, timeout: Int64 = 0, startPeriod: Int64 = 0, startInterval: Int64 = 0,
        retries: Int = 0
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }
}

extension Healthcheck: Codable {
    private enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        test = try container.decodeIfPresent([String].self, forKey: .test) ?? []
        interval = try container.decodeIfPresent(Int64.self, forKey: .interval) ?? 0
        timeout = try container.decodeIfPresent(Int64.self, forKey: .timeout) ?? 0
        startPeriod = try container.decodeIfPresent(Int64.self, forKey: .startPeriod) ?? 0
        startInterval = try container.decodeIfPresent(Int64.self, forKey: .startInterval) ?? 0
        retries = try container.decodeIfPresent(Int.self, forKey: .retries) ?? 0
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(test, forKey: .test)
        for (value, key) in [
            (interval, CodingKeys.interval), (timeout, .timeout), (startPeriod, .startPeriod),
            (startInterval, .startInterval), (Int64(retries), .retries),
        ] where value != 0 {
            try container.encode(value, forKey: key)
        }
    }
}
