import BuildModel
import Codecs
import LinuxSystem
import OCIContent
import OCISpec

extension Solver {
    /// Writes to the shared caches what the build has: to be called when all its layers are written.
    func export(to shared: SharedCaches) async throws {
        for target in shared.targets {
            try await shared.export(exports(hasAllStages: target.hasAllStages), to: target)
        }
    }

    /// The entries of the plan's steps, each after those that it stands on, and the shapes of the base's layers.
    private func exports(hasAllStages: Bool) async throws -> [CacheExport] {
        let source = ReachableStore(library.store, library.origins)
        var exports: [CacheExport] = []
        var positions: [StepID: Int] = [:]
        var layers: Set<Digest> = []
        /// What each step makes, for the next to stand on: to look it up each time would cost the square of the steps.
        var chains: [StepID: ChainID] = [:]
        for id in hasAllStages ? plan.nodes.map(\.id) : plan.lineage(of: plan.target) {
            let node = plan[id]
            if node.step.isRoot { chains[id] = try await recordedChain(of: id) }
            if case .base(let step) = node.step {
                for diffID in try base(step).config.rootfs.diffIDs
                where library.hasTable(of: diffID) && layers.insert(diffID).inserted {
                    exports.append(export(CacheEntry(diffID: diffID, created: FileTime.now.seconds), source))
                }
            }
            // What stands on a step that is not shared is of no use to anybody.
            guard !node.step.isRoot, let parent = chains[node.inputs[0]],
                let entry = try await entry(of: id, on: parent)
            else { continue }
            chains[id] = entry.diffID.map { parent.adding($0) } ?? parent
            positions[id] = exports.count
            exports.append(export(entry, source, inputs: node.inputs.compactMap { positions[$0] }))
        }
        return exports
    }

    private func export(_ entry: CacheEntry, _ source: any BlobSource, inputs: [Int] = []) -> CacheExport {
        var export = CacheExport(entry: entry, shape: nil, source: source, inputs: inputs)
        if let diffID = entry.diffID {
            export.shape = { [library] in
                try await BlockingPool.shared.run { try library.knownShape(of: diffID).map { try ShapeLayer($0) } }
            }
        }
        return export
    }

    /// The entry of a step that stands on what the build had; nil where the store has no record of it.
    private func entry(of id: StepID, on parent: ChainID) async throws -> CacheEntry? {
        let key = try await key(of: id)
        let codec = options.compression.identity
        guard let record = try cache.lookup(key), parent.description == record.parent else { return nil }
        var step = CacheEntry.Step(
            key: key.hex, codec: codec, parent: record.parent, source: record.source, uncompressedSize: 0)
        guard let layer = record.layer else { return CacheEntry(step: step, created: FileTime.now.seconds) }
        guard let blob = layer.variants[codec] else { return nil }
        step.uncompressedSize = layer.uncompressedSize
        step.layer = CacheEntry.Blob(blob)
        return CacheEntry(step: step, diffID: layer.diffID, created: FileTime.now.seconds)
    }
}
