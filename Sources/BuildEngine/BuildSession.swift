import BuildModel
import Layers
import LinuxSystem
import OCIContent
import OCISpec
import Sandboxing

/// One build: a plan, what it starts from, and where its result goes.
package struct BuildSession: Sendable {
    /// What to build.
    package let plan: BuildPlan
    /// The base images of the plan, found and ready.
    package let bases: [BaseStep: ResolvedBase]
    /// What COPY and ADD may take; nil where the build has no context.
    package let context: BuildContext?
    /// How to build.
    package let options: EngineOptions
    /// Where blobs, and beside them snapshots, tables and records, are kept.
    package let store: LocalStore
    /// The store's root.
    package let root: Path
    /// Where what the store lacks may be had.
    package let origins: OriginSource
    /// What is shared with other machines; nil for nothing.
    package let shared: SharedCaches?
    /// Receives what happens, in order, from any thread.
    package let report: @Sendable (BuildEvent) -> Void

    /// A build of these parts; nothing happens before ``run()``.
    package init(
        plan: BuildPlan, bases: [BaseStep: ResolvedBase], context: BuildContext?, options: EngineOptions,
        store: LocalStore, root: Path, origins: OriginSource, shared: SharedCaches? = nil,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.plan = plan
        self.bases = bases
        self.context = context
        self.options = options
        self.store = store
        self.root = root
        self.origins = origins
        self.shared = shared
        self.report = report
    }

    /// An image that was built.
    package struct Result: Sendable {
        /// The image manifest, in the store.
        package let manifest: Descriptor
        /// The image configuration, in the store. Its digest is what Docker calls the image id.
        package let config: Descriptor
    }

    /// Does the steps and puts the image into the store: with all its blobs, unless the options say that base and cached
    /// layers which no step has read may stay elsewhere.
    ///
    /// Where a shared cache turns out to have promised what it does not hold, what came of that is forgotten, and the
    /// build begins once more without it.
    package func run() async throws -> Result {
        do {
            return try await run(shared)
        } catch {
            guard let shared, shared.mayBeAtFault(for: error) else { throw error }
            report(
                .warning("what the shared cache holds cannot be used, so the build starts again without it: \(error)"))
            try await BlockingPool.shared.run { [root] in
                let cache = try DiskStepCache(storeRoot: root)
                for key in shared.touchedKeys { try cache.remove(key) }
            }
            return try await run(shared.withoutSources)
        }
    }

    private func run(_ shared: SharedCaches?) async throws -> Result {
        let summaries = self.summaries()
        report(.planned(plan.nodes.compactMap { summaries[$0.id] }))
        var tableSource: LayerLibrary.TableSource?
        if let shared { tableSource = { try await shared.shape(of: $0) } }
        let library = try LayerLibrary(
            store: store, root: root, form: .ofThisProcess(for: options.isolation), origins: origins,
            tableSource: tableSource, report: report)
        Thread.start { [snapshots = library.snapshots] in snapshots.emptyTrash() }
        let cache = try DiskStepCache(storeRoot: root)
        let locator = StepLocator(plan, summaries)
        let producer = LayerProducer(
            library: library, cache: cache, options: options, locator: locator, report: report)
        let preparation = RunPreparation(
            options: options, mounts: MountPreparation(library: library, options: options, storeRoot: root),
            report: report)
        let runner = ChosenRunExecutor(
            library: library, producer: producer, preparation: preparation, storeRoot: root, report: report)
        let solver = Solver(
            plan: plan, summaries: summaries, locator: locator, bases: bases, context: context, options: options,
            cache: cache,
            library: library, producer: producer, runner: runner,
            copier: CopyExecutor(library: library, producer: producer, options: options), shared: shared,
            report: report)
        defer {
            library.discardRetired()
            Thread.start { [snapshots = library.snapshots] in snapshots.emptyTrash() }
        }
        let (tree, steps) = try await solver.solve()
        context?.digests.save()
        let layers = try await tree.facts()
        if options.completesImage {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for layer in layers { group.addTask { try await library.fetch(layer) } }
                try await group.waitForAll()
            }
        }
        let base = plan.base.flatMap { id -> ResolvedBase? in
            if case .base(let step) = plan[id].step { return bases[step] }
            return nil
        }
        if solver.didWork { try await noteUnknownUser(tree, library, base: base) }
        let assembler = ImageAssembler(
            plan: plan, base: base, created: options.created, annotations: options.annotations)
        let (config, manifest) = try await BlockingPool.shared.run { [store] in
            let config = try store.put(
                CanonicalJSON.encode(assembler.config(layers: layers, madeBy: steps)), mediaType: .ociConfig)
            let manifest = try store.put(
                CanonicalJSON.encode(assembler.manifest(config: config, layers: layers)), mediaType: .ociManifest)
            return (config, manifest)
        }
        if let shared { try await solver.export(to: shared) }
        report(.finished)
        return Result(manifest: manifest, config: config)
    }

    /// Says so when the image's user, set by this definition, is nobody that the image knows: a container would not start.
    /// RUN and WORKDIR fail for such a user, so this is about one that is set last.
    private func noteUnknownUser(_ tree: LayeredTree, _ library: LayerLibrary, base: ResolvedBase?) async throws {
        let user = plan.config.config.user
        guard !user.isEmpty, user != base?.config.config.user, let first = user.utf8.first,
            !(0x30...0x39).contains(first), let merged = try await library.mergedIfKnown(tree)
        else { return }
        do {
            _ = try merged.accounts.identity(of: user)
        } catch {
            let note = plan.history.contains { $0.createdBy == "USER \(user)" } ? "USER " : "the user "
            report(.warning("\(note)\(error)"))
        }
    }

    /// Numbers the steps that do something, stage by stage.
    private func summaries() -> [StepID: StepSummary] {
        var counts: [String: Int] = [:]
        let working = plan.nodes.filter { node in
            if case .scratch = node.step { return false }
            return true
        }
        for node in working { counts[node.stage, default: 0] += 1 }
        var positions: [String: Int] = [:]
        var result: [StepID: StepSummary] = [:]
        for (index, node) in working.enumerated() {
            positions[node.stage, default: 0] += 1
            result[node.id] = StepSummary(
                id: index + 1, stage: node.stage, position: positions[node.stage] ?? 1, count: counts[node.stage] ?? 1,
                title: node.title)
        }
        return result
    }
}
