import BuildModel
import OCISpec

/// What a stage has come to while its instructions are lowered one by one.
struct StageState {
    let stage: Stage
    let platform: Platform
    /// The step whose tree the stage has now.
    var step: StepID
    /// The configuration; its `env` is kept in `environment` until `finished`.
    var config: ImageConfig
    var history: [BuildPlan.HistoryItem] = []
    /// ENV, the base image's included.
    var environment: VariableScope { didSet { cachedRunEnvironment = nil } }
    /// ARG in scope.
    var arguments = VariableScope() { didSet { cachedRunEnvironment = nil } }
    /// Whether the stage itself has had a CMD: ENTRYPOINT resets an inherited one only.
    var hasCommand = false
    private var cachedRunEnvironment: [String]?

    init(stage: Stage, platform: Platform, step: StepID, config: ImageConfig) {
        self.stage = stage
        self.platform = platform
        self.step = step
        self.config = config
        environment = VariableScope(entries: config.config.env)
        if environment[Array("PATH".utf8)] == nil { environment[Array("PATH".utf8)] = Array(Self.defaultPath.utf8) }
    }

    /// What PATH is where the base image sets none.
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The value of a variable for expansion: ENV always wins over ARG.
    subscript(name: ByteText) -> ByteText? { environment[name] ?? arguments[name] }

    var workingDirectory: ByteText {
        let path = config.config.workingDirectory
        return path.isEmpty ? [.slash] : TreePath.clean(Array(path.utf8))
    }

    /// The words that begin a command in shell form.
    var shell: [String] { config.config.shell ?? ["/bin/sh", "-c"] }

    /// What a RUN step sees. Made anew only when a variable changed, so that many steps share one list.
    mutating func runEnvironment() -> [String] {
        if let cachedRunEnvironment { return cachedRunEnvironment }
        let set = Set(environment.names)
        let entries =
            environment.entries
            + arguments.names.filter { !set.contains($0) }.map { ($0 + [.equals] + (arguments[$0] ?? [])).string }
        cachedRunEnvironment = entries
        return entries
    }

    /// The configuration with the environment put back.
    var finished: ImageConfig {
        var result = config
        result.config.env = environment.entries
        return result
    }
}
