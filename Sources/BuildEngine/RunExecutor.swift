import BuildModel
import Layers
import LinuxSystem
import OCISpec
import Sandboxing

/// Runs the command of a RUN step in a sandbox, on one rung of the ladder, and hands what it changed to the producer.
protocol RunExecutor: Sendable {
    func run(_ job: RunJob) async throws -> LayerHandle
}

/// One RUN to be done.
struct RunJob: Sendable {
    /// The step's number in events.
    let step: Int
    let definition: RunStep
    let key: StepKey
    let inputs: StepInputs
    /// What mounts take their files from, by their positions in the definition.
    let sources: [Int: MountSource]

    var parent: LayeredTree { inputs.parent }
}

/// What both executors share: the sandbox's request, and the judgement on its end.
struct RunPreparation: Sendable {
    /// No file of an image that we must read ourselves is larger than this.
    static let fileLimit = 10 << 20

    let options: EngineOptions
    let mounts: MountPreparation
    let report: @Sendable (BuildEvent) -> Void
    /// How the limits of the steps are kept, found out once.
    private let limitPlans = SharedWork<Isolation, LimitPlan>()

    init(options: EngineOptions, mounts: MountPreparation, report: @escaping @Sendable (BuildEvent) -> Void) {
        self.options = options
        self.mounts = mounts
        self.report = report
    }

    /// The request for a step in the tree `root`, of which `view` shows the files.
    func request(
        _ job: RunJob, root: RootTree, view: LowerTree, mounts: PreparedMounts
    ) throws -> SandboxSpec {
        let step = job.definition
        func read(_ path: Path) throws -> [UInt8]? { try view.regularFile(path, limit: Self.fileLimit) }
        let accounts = try Accounts(passwd: read("etc/passwd") ?? [], group: read("etc/group") ?? [])
        let account = try accounts.identity(of: step.user)
        let network: SandboxNetwork = (step.network ?? options.network) == .none ? .none : .host
        let surroundings = options.surroundings
        var imageBundle: CertificateBundle?
        if network == .host, surroundings.files.hasAuthorities {
            for place in CertificateBundle.usualPlaces where imageBundle == nil {
                imageBundle = try read(Path(bytes: place.bytes.dropFirst())).map { CertificateBundle(pem: $0) }
            }
        }
        var (environment, privateFiles) = surroundings.lend(
            to: step.environment + step.ambientEnvironment, home: account.home?.string ?? "/",
            network: network == .host, imageBundle: imageBundle
        )
        privateFiles += step.scripts.map {
            ProvidedFile(path: "\(RunStep.scriptFolder)/\($0.name)", content: $0.content, mode: 0o755)
        }
        let hosts = network == .host ? surroundings.hosts : StepSurroundings.isolatedHosts
        var files = [ProvidedFile(path: "/etc/hosts", content: hosts)]
        files.append(ProvidedFile(path: "/etc/resolv.conf", content: network == .host ? surroundings.resolvConf : []))
        var spec = SandboxSpec(
            root: root, command: step.argv, environment: environment, workingDirectory: step.workingDirectory,
            user: SandboxUser(uid: account.uid, gid: account.gid, groups: account.groups), network: network,
            hostname: "ocibuild", files: files, privateFiles: privateFiles)
        spec.mounts = mounts.mounts
        for variable in mounts.variables {
            spec.environment.removeAll { $0.hasPrefix("\(variable.name)=") }
            spec.environment.append("\(variable.name)=\(variable.value)")
        }
        // What is below a kernel file system is not in the tree, and cannot be made.
        let top = Path(step.workingDirectory).lexicallyNormalized().components.first
        if let top, !["proc", "sys", "dev"].contains(top) {
            spec.missingDirectories = try view.missingDirectories(for: Path(step.workingDirectory)).map { "/" / $0 }
        }
        return spec
    }

    /// Runs the request and throws a ``BuildFailure`` unless the command ended well.
    func perform(_ spec: SandboxSpec, job: RunJob, in sandbox: any Sandbox) async throws {
        let tail = FailureTail()
        var spec = spec
        spec.bounds = try await bounds(on: sandbox.isolation)
        let clock = ContinuousClock()
        let started = clock.now
        let step = job.step
        let outcome = try await sandbox.run(spec) { [report] stream, bytes in
            tail.append(bytes)
            report(.stepOutput(step, isError: stream == .stderr, Array(bytes)))
        }
        report(
            .stepUsed(
                step,
                StepUsage(processorSeconds: outcome.processorSeconds, peakMemory: outcome.peakMemory)))
        try Task.checkCancellation()
        let code: Int32 =
            switch outcome.status {
            case _ where outcome.isTimedOut: BuildFailure.timeoutStatus
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        let limit = limit(reachedBy: outcome)
        guard code == 0 else {
            let elapsed = started.duration(to: clock.now)
            throw BuildFailure(
                status: code, output: tail.bytes,
                seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18,
                limit: limit)
        }
        if case .memory(let bytes, let kills) = limit {
            report(
                .warning(
                    "a step ended well although \(kills) of its processes were killed: it needed more than "
                        + "\(BuildFailure.shown(bytes)) (--memory)"))
        }
    }

    /// How the limits are kept on a rung. What is kept only roughly is reported once.
    private func bounds(on isolation: Isolation) async throws -> StepBounds {
        try await limitPlans.value(for: isolation) { [limits = options.limits, report] in
            let plan = try await BlockingPool.shared.run { try LimitPlan(limits, on: isolation) }
            for warning in plan.warnings { report(.warning(warning)) }
            return plan
        }.bounds
    }

    private func limit(reachedBy outcome: StepOutcome) -> BuildFailure.Limit? {
        if outcome.isTimedOut, let timeout = options.limits.timeout { return .time(timeout) }
        if outcome.memoryKills > 0, let memory = options.limits.memory {
            return .memory(bytes: memory, kills: outcome.memoryKills)
        }
        return nil
    }
}
