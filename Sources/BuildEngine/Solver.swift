import Archive
import BuildModel
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// Does the steps of a plan: each once, independent ones in parallel, none whose result the cache has.
final class Solver: Sendable {
    let plan: BuildPlan
    let summaries: [StepID: StepSummary]
    let locator: StepLocator
    let bases: [BaseStep: ResolvedBase]
    let context: BuildContext?
    let options: EngineOptions
    let cache: any StepCache
    let library: LayerLibrary
    let producer: LayerProducer
    let runner: any RunExecutor
    let copier: CopyExecutor
    /// What other machines know; nil where none were asked for.
    let shared: SharedCaches?
    let report: @Sendable (BuildEvent) -> Void

    let keys = SharedWork<StepID, StepKey>()
    let mountSelections = SharedWork<String, Boxed<CopySelection>>()
    let selections = SharedWork<StepID, Boxed<CopySelection>>()
    private let trees = SharedWork<StepID, LayeredTree>()
    /// The steps that were begun here.
    let performed = Mutex<Set<StepID>>([])
    let filesRead = Mutex<[StepID: [StepInputs.ReadFile]]>([:])
    private let written = Mutex<[Task<LayerHandle.Facts?, any Error>]>([])

    /// Lets a value that is never changed again cross tasks.
    struct Boxed<Value>: @unchecked Sendable {  // The value is a tree of plain values; nobody writes to it.
        let value: Value
    }

    init(
        plan: BuildPlan, summaries: [StepID: StepSummary], locator: StepLocator, bases: [BaseStep: ResolvedBase],
        context: BuildContext?, options: EngineOptions, cache: any StepCache, library: LayerLibrary,
        producer: LayerProducer,
        runner: any RunExecutor, copier: CopyExecutor, shared: SharedCaches?,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.plan = plan
        self.summaries = summaries
        self.locator = locator
        self.bases = bases
        self.context = context
        self.options = options
        self.cache = cache
        self.library = library
        self.producer = producer
        self.runner = runner
        self.copier = copier
        self.shared = shared
        self.report = report
    }

    /// The tree of the plan's target, and for each step the layer that it made (absent where it made none). All blobs
    /// of our own layers are in the store when this returns; when it throws, nothing of it runs on.
    func solve() async throws -> (tree: LayeredTree, layers: [StepID: LayerHandle.Facts]) {
        let ahead = shared.map { _ in Task { await lookAhead() } }
        defer { ahead?.cancel() }
        do {
            // The first failure ends the other: a stage that cannot be built is not waited for behind a long step.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [self] in try await startOtherStages() }
                group.addTask { [self] in _ = try await self.tree(of: plan.target) }
                for try await _ in group {}
            }
            let tree = try await self.tree(of: plan.target)
            var layers: [StepID: LayerHandle.Facts] = [:]
            for id in plan.lineage(of: plan.target) where !plan[id].step.isRoot {
                let result = try await self.tree(of: id)
                if let facts = try await result.layers.last?.facts() { layers[id] = facts }
            }
            // A stage whose copy turned out to be cached may have a layer that nobody has asked for.
            for task in written.withLock({ $0 }) { _ = await task.result }
            explainMisses()
            return (tree, layers)
        } catch {
            let running = written.withLock { $0 }
            for task in running { task.cancel() }
            for task in running { _ = await task.result }
            throw error
        }
    }

    /// Starts at once the stages that a copy or a mount will need which the cache does not have, so that they run beside
    /// the stage that uses them.
    private func startOtherStages() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in plan.nodes {
                for stage in node.inputs.dropFirst() {
                    group.addTask { [self] in
                        if options.usesCache, try await isRecorded(node.id) { return }
                        _ = try await tree(of: stage)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Whether a step was done, and not all were found in the cache.
    var didWork: Bool { written.withLock { !$0.isEmpty } }

    // MARK: Trees

    /// The tree that a node makes: from the cache, or by doing its step.
    func tree(of id: StepID) async throws -> LayeredTree {
        try await trees.value(for: id) { [self] in
            let node = plan[id]
            switch node.step {
            case .scratch: return LayeredTree()
            case .base(let step):
                let base = try base(step)
                if let summary = summaries[id] { report(.stepStarted(summary.id)) }
                defer { if let summary = summaries[id] { report(.stepFinished(summary.id, seconds: 0)) } }
                return LayeredTree(
                    layers: zip(base.layers, base.config.rootfs.diffIDs).map {
                        LayerHandle(LayerHandle.Facts(descriptor: $0, diffID: $1, source: base.source))
                    })
            case .run, .copy, .workdir:
                let parent = try await tree(of: node.inputs[0])
                return parent.adding(try await layer(of: node, on: parent))
            }
        }
    }

    private func layer(of node: BuildPlan.Node, on parent: LayeredTree) async throws -> LayerHandle {
        let step = summaries[node.id]?.id ?? node.id.index
        let key = try await key(of: node.id)
        if options.usesCache, let hit = try await cached(node, key, on: parent) {
            report(hit.place.map { .stepCachedFrom(step, place: $0) } ?? .stepCached(step))
            return hit.layer
        }
        performed.withLock { _ = $0.insert(node.id) }
        shared?.notePerformed(key)
        // A copy begins when there is something to copy; that its stage fails is not its own failure.
        for stage in node.inputs.dropFirst() { _ = try await tree(of: stage) }
        return try await located(node.id) { [self] in
            try Task.checkCancellation()
            report(.stepStarted(step))
            let clock = ContinuousClock()
            let started = clock.now
            let handle: LayerHandle
            do {
                handle = try await perform(node, step: step, key: key, on: parent)
            } catch {
                if !(error is CancellationError) { report(.stepFailed(step, message: "\(error)")) }
                throw error
            }
            written.withLock { $0.append(handle.outcome) }
            let elapsed = started.duration(to: clock.now).components
            report(.stepFinished(step, seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18))
            return handle
        }
    }

    private func perform(
        _ node: BuildPlan.Node, step: Int, key: StepKey, on parent: LayeredTree
    ) async throws -> LayerHandle {
        switch node.step {
        case .run(let definition):
            var inputs = StepInputs(parent: parent)
            inputs.files = filesRead.withLock { $0.removeValue(forKey: node.id) } ?? []
            for input in node.inputs.dropFirst() { inputs.sources.append(try await tree(of: input)) }
            let sources = try await sources(of: definition.mounts, node)
            return try await runner.run(
                RunJob(step: step, definition: definition, key: key, inputs: inputs, sources: sources))
        case .copy(let definition):
            var selection: CopySelection
            var inputs = StepInputs(parent: parent)
            switch definition.from {
            case .context:
                selection = try await contextSelection(node.id, definition)
                inputs.files = filesRead.withLock { $0.removeValue(forKey: node.id) } ?? []
            case .step(let index):
                let source = try await tree(of: node.inputs[index])
                selection = try await stageSelection(definition, source, stage: plan[node.inputs[index]].stage)
                inputs.sources = [source]
            }
            selection.append(definition.inlineFiles)
            return try await copier.copy(step: step, definition, selection, key: key, inputs: inputs)
        case .workdir(let definition):
            return try await copier.workdir(step: step, definition, key: key, parent: parent)
        case .scratch, .base:
            return LayerHandle(nil)
        }
    }

    private func stageSelection(
        _ definition: CopyStep, _ source: LayeredTree, stage: String
    ) async throws -> CopySelection {
        let merged = try await library.merged(source)
        // Tables exist only of layers that changed something; so must the directories.
        let layers = try await library.unpacked(source.solid()).map { library.snapshots.tree($0) }
        let selection = TreeSelection(
            tree: merged, layers: layers, name: "stage \"\(stage)\"", ownership: library.form.ownership)
        let selected = try await BlockingPool.shared.run {
            Boxed(value: try selection.select(definition.sources))
        }
        return selected.value
    }

    func base(_ step: BaseStep) throws -> ResolvedBase {
        guard let base = bases[step] else {
            throw EngineError(
                .missingBase, step.reference, "the base image \(step.reference) was not resolved for \(step.platform)")
        }
        return base
    }

    /// Names the step in whatever error `body` throws.
    func located<R: Sendable>(_ id: StepID, _ body: @Sendable () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch {
            throw locator.located(error, step: summaries[id]?.id ?? -1)
        }
    }
}
