/// How a container of an image is run: the `config` object of the image configuration, with Docker's additions.
public struct ContainerConfig: Hashable, Sendable {
    /// User, or `user:group`; empty means root.
    public var user: String
    /// Ports as `port[/protocol]`.
    public var exposedPorts: [String]
    /// Environment as `NAME=value`, in the order it was set.
    public var env: [String]
    /// The fixed part of the command; `nil` if none was set.
    public var entrypoint: [String]?
    /// The default arguments, or the command if there is no entrypoint; `nil` if none was set.
    public var cmd: [String]?
    /// Paths whose content is kept outside the image.
    public var volumes: [String]
    /// Working directory; empty means `/`.
    public var workingDirectory: String
    /// Free labels.
    public var labels: [String: String]
    /// The signal that stops a container; empty means SIGTERM.
    public var stopSignal: String
    /// Docker: how to tell whether a container is well.
    public var healthcheck: Healthcheck?
    /// Docker: instructions for a build on top of this image.
    public var onBuild: [String]
    /// Docker: the shell of RUN, CMD and ENTRYPOINT in shell form.
    public var shell: [String]?
    /// Docker: seconds between the stop signal and SIGKILL.
    public var stopTimeout: Int?
    /// Docker on Windows: whether `cmd` and `entrypoint` are already quoted.
    public var argsEscaped: Bool

    /// A configuration of these parts.
    public init(
        user: String = "", exposedPorts: [String] = [], env: [String] = [], entrypoint: [String]? = nil,
        cmd: [String]? = nil, volumes: [String] = [], workingDirectory: String = "", labels: [String: String] = [:],
        stopSignal: String = "", healthcheck: Healthcheck? = nil, onBuild: [String] = [], shell: [String]? = nil,
        stopTimeout: Int? = nil, argsEscaped: Bool = false
    ) {
        self.user = user
        self.exposedPorts = exposedPorts
        self.env = env
        self.entrypoint = entrypoint
        self.cmd = cmd
        self.volumes = volumes
        self.workingDirectory = workingDirectory
        self.labels = labels
        self.stopSignal = stopSignal
        self.healthcheck = healthcheck
        self.onBuild = onBuild
        self.shell = shell
        self.stopTimeout = stopTimeout
        self.argsEscaped = argsEscaped
    }
}

extension ContainerConfig: Codable {
    private enum CodingKeys: String, CodingKey {
        case user = "User"
        case exposedPorts = "ExposedPorts"
        case env = "Env"
        case entrypoint = "Entrypoint"
        case cmd = "Cmd"
        case volumes = "Volumes"
        case workingDirectory = "WorkingDir"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case healthcheck = "Healthcheck"
        case onBuild = "OnBuild"
        case shell = "Shell"
        case stopTimeout = "StopTimeout"
        case argsEscaped = "ArgsEscaped"
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        user = try container.decodeIfPresent(String.self, forKey: .user) ?? ""
        exposedPorts = try container.decodeNameSet(forKey: .exposedPorts)
        env = try container.decodeIfPresent([String].self, forKey: .env) ?? []
        entrypoint = try container.decodeIfPresent([String].self, forKey: .entrypoint)
        cmd = try container.decodeIfPresent([String].self, forKey: .cmd)
        volumes = try container.decodeNameSet(forKey: .volumes)
        workingDirectory = try container.decodeIfPresent(String.self, forKey: .workingDirectory) ?? ""
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        stopSignal = try container.decodeIfPresent(String.self, forKey: .stopSignal) ?? ""
        healthcheck = try container.decodeIfPresent(Healthcheck.self, forKey: .healthcheck)
        onBuild = try container.decodeIfPresent([String].self, forKey: .onBuild) ?? []
        shell = try container.decodeIfPresent([String].self, forKey: .shell)
        stopTimeout = try container.decodeIfPresent(Int.self, forKey: .stopTimeout)
        argsEscaped = try container.decodeIfPresent(Bool.self, forKey: .argsEscaped) ?? false
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(user, forKey: .user)
        try container.encodeNameSet(exposedPorts, forKey: .exposedPorts)
        try container.encodeUnlessEmpty(env, forKey: .env)
        try container.encodeUnlessEmpty(entrypoint, forKey: .entrypoint)
        try container.encodeUnlessEmpty(cmd, forKey: .cmd)
        try container.encodeNameSet(volumes, forKey: .volumes)
        try container.encodeUnlessEmpty(workingDirectory, forKey: .workingDirectory)
        try container.encodeUnlessEmpty(labels, forKey: .labels)
        try container.encodeUnlessEmpty(stopSignal, forKey: .stopSignal)
        try container.encodeIfPresent(healthcheck, forKey: .healthcheck)
        try container.encodeUnlessEmpty(onBuild, forKey: .onBuild)
        try container.encodeUnlessEmpty(shell, forKey: .shell)
        try container.encodeIfPresent(stopTimeout, forKey: .stopTimeout)
        if argsEscaped {
            try container.encode(true, forKey: .argsEscaped)
        }
    }
}
