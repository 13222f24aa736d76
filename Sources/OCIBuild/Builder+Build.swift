import BuildEngine
import BuildModel
import Codecs
import Dockerfile
import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import Sandboxing
import ShellText

extension Builder {
    /// Starts a build. Its files are read now and while it runs; its result is in the store when it ends.
    /// - Parameters:
    ///   - definition: what to build.
    ///   - context: the folder that COPY and ADD take files from; nil for none.
    public func start(_ definition: Definition, context: String?, options: BuildOptions = BuildOptions()) -> Build {
        Build { report in try await build(definition, context: context, options: options, report: report) }
    }

    /// Builds and waits. `report` gets the events in order, from any thread.
    public func build(
        _ definition: Definition, context: String?, options: BuildOptions = BuildOptions(),
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> BuiltImage {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let shared = try await BlockingPool.shared.run { try sharedCaches(options, report: report) }
        let folder = try context.map { try ContextFolder($0) }
        let (document, path) = try definition.parsed()
        let options = options.completed(by: definition.plan)
        let lowering = loweringOptions(options)
        let resolver = BaseResolver(
            store: store, registry: registry, policy: options.pullPolicy, map: options.baseMap, origins: origins(),
            report: report)
        var bases: [BaseStep: ResolvedBase] = [:]
        var configs: [BaseRequest: ImageConfig] = [:]
        // A base image's ONBUILD triggers may name further images, so this asks until nothing new comes.
        while true {
            let missing = try document.bases(target: options.target, options: lowering, resolved: configs)
                .filter { configs[$0] == nil }
            if missing.isEmpty { break }
            for request in missing {
                let found = try await resolver.resolve(request.reference, platform: request.platform).base
                bases[BaseStep(reference: request.reference, platform: request.platform)] = found
                configs[request] = found.config
            }
        }
        let plan = try document.lower(target: options.target, options: lowering, bases: configs)
        // Images that only a COPY --from names have a part in the plan, but not in the configuration.
        for case .base(let step) in plan.nodes.map(\.step) where bases[step] == nil {
            bases[step] = try await resolver.resolve(step.reference, platform: step.platform).base
        }
        for warning in plan.warnings { report(.warning(warning.description)) }
        let engine = try await BlockingPool.shared.run { try engineOptions(options, folder: folder) }
        let session = BuildSession(
            plan: plan, bases: bases, context: try folder.map { try buildContext($0, options, dockerfile: path) },
            options: engine, store: store, root: Path(root), origins: origins(), shared: shared,
            report: report)
        let result = try await session.run()
        for tag in options.tags { try await store.tag(result.manifest, as: tag.withDefaultTag()) }
        return BuiltImage(
            manifest: result.manifest, config: result.config, tags: options.tags.map { $0.withDefaultTag() })
    }

    private func loweringOptions(_ options: BuildOptions) -> LoweringOptions {
        var arguments: [String: String?] = [:]
        for (name, value) in options.buildArguments { arguments.updateValue(value ?? environment[name], forKey: name) }
        return LoweringOptions(buildArgs: arguments, platform: options.platform, labels: options.labels)
    }

    private func buildContext(
        _ folder: ContextFolder, _ options: BuildOptions, dockerfile: Path?
    ) throws -> BuildContext {
        let ignore = try folder.ignorePatterns(named: options.ignoreFile, dockerfile: dockerfile)
        return BuildContext(
            root: folder.root, ignore: ignore?.patterns, ignoreFile: ignore?.name,
            digests: try ContentDigests(storeRoot: Path(root), context: folder.root))
    }

    private func engineOptions(_ options: BuildOptions, folder: ContextFolder?) throws -> EngineOptions {
        let now = FileTime.now.seconds
        let created = options.sourceDateEpoch ?? folder?.commitTime() ?? EngineOptions.constantTime
        let threads =
            options.compressionThreads > 0 ? options.compressionThreads : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        var engine = EngineOptions(
            isolation: isolation(options.isolation), compressionThreads: threads, created: RFC3339.format(created),
            surroundings: try surroundings(options))
        engine.minimumIsolation = isolation(options.minimumIsolation)
        engine.compression = options.compression
        engine.usesCache = options.usesCache
        engine.completesImage = options.completesImage
        engine.limits = options.limits
        for (id, secret) in options.secrets {
            engine.secrets.secrets[id] = try secret.source(id: id, environment: environment)
        }
        engine.secrets.agents = options.agents.mapValues { Path($0) }
        engine.network = options.network == .none ? .none : .host
        engine.clampModified = options.sourceDateEpoch
        engine.annotations = options.annotations
        switch options.timestamp {
        case .constant: engine.copyTime = .constant(EngineOptions.constantTime)
        case .preserve: engine.copyTime = .preserved
        case .now: engine.copyTime = .constant(now)
        case .seconds(let seconds): engine.copyTime = .constant(seconds)
        }
        if options.timestamp == .now { engine.created = RFC3339.format(options.sourceDateEpoch ?? now) }
        if case .seconds(let seconds) = options.timestamp, options.sourceDateEpoch == nil {
            engine.created = RFC3339.format(seconds)
        }
        return engine
    }

    private func isolation(_ choice: BuildOptions.IsolationChoice) -> Isolation? {
        switch choice {
        case .root: return .root
        case .userns: return .userns
        case .single: return .single
        case .chroot: return .chroot
        case .none: return Isolation.none
        case .auto: return nil
        }
    }

    /// Where `withPython` looks, for its script. It may hold a password, as a proxy's address may.
    private func pythonOrigins(_ options: BuildOptions) -> [String] {
        let origins = [
            (PythonProvision.mirrorVariable, options.pythonMirror),
            (PythonProvision.sourceVariable, options.pythonSource),
        ]
        return origins.compactMap { name, value in (value ?? environment[name]).map { "\(name)=\($0)" } }
    }

    private func surroundings(_ options: BuildOptions) throws -> StepSurroundings {
        var authorities: CertificateBundle?
        switch options.caBundle {
        case nil: authorities = CertificateBundle.ofHost(environment: environment)
        case "": authorities = nil
        case let path?: authorities = CertificateBundle(pem: try FileSystem.readFile(Path(path), limit: 16 << 20))
        }
        return StepSurroundings.ofHost(
            environment: options.passesProxies ? environment : [:], authorities: authorities,
            extraHosts: options.extraHosts, variables: pythonOrigins(options))
    }
}
