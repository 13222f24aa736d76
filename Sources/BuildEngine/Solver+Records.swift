import BuildModel
import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// What the caches know of steps: the store's own records first, then those of shared caches.
extension Solver {
    /// Where a record was found.
    enum RecordOrigin: Sendable {
        case store
        case shared(SharedCaches.Found)
    }

    /// Asks the shared caches for every step at once, before anybody needs an answer: no key needs a step to be done.
    func lookAhead() async {
        guard let shared, options.usesCache else { return }
        await withTaskGroup(of: Void.self) { group in
            for node in plan.nodes where !node.step.isRoot {
                group.addTask { [self] in
                    // What fails here fails again where it matters.
                    guard let key = try? await key(of: node.id), (try? cache.lookup(key)) == nil else { return }
                    _ = try? await shared.find(key, codec: options.compression.identity)
                }
            }
        }
    }

    /// The first record of a step for which `body` has an answer, and the answer.
    func record<Answer: Sendable>(
        of id: StepID, _ body: (StepRecord, RecordOrigin) async throws -> Answer?
    ) async throws -> Answer? {
        let key = try await key(of: id)
        if let own = try cache.lookup(key), let answer = try await body(own, .store) { return answer }
        guard let shared, options.usesCache,
            let found = try await shared.find(key, codec: options.compression.identity),
            let record = found.entry.record
        else { return nil }
        return try await body(record, .shared(found))
    }

    /// Whether the caches have a step: it need not fit.
    func isRecorded(_ id: StepID) async throws -> Bool { try await record(of: id) { _, _ in true } ?? false }

    /// The layer of a step that need not be done, and the shared cache that it comes from.
    func cached(
        _ node: BuildPlan.Node, _ key: StepKey, on parent: LayeredTree
    ) async throws -> (layer: LayerHandle, place: String?)? {
        let chain = try await parent.chain().description
        // Found once, for the stages of a COPY --from are asked for all their steps.
        let sources = try await recordedChains(of: node.inputs.dropFirst())
        return try await record(of: node.id) { record, origin in
            guard record.parent == chain, sources == nil || sources == record.source else { return nil }
            var place: String?
            if case .shared(let found) = origin {
                try await take(found, record, as: key)
                place = found.cache.name
            }
            switch try await producer.recorded(record, key: key) {
            case .nothing: return (LayerHandle(nil), place)
            case .layer(let facts): return (LayerHandle(facts), place)
            case .gone: return nil
            }
        }
    }

    /// Makes a shared record the store's own. Its layer is not fetched; the store remembers where it is.
    private func take(_ found: SharedCaches.Found, _ record: StepRecord, as key: StepKey) async throws {
        shared?.adopt(found)
        let origins = library.origins.origins
        try await BlockingPool.shared.run { [cache] in
            if let blob = found.entry.step?.layer { try origins.note([blob.digest], at: found.cache.place) }
            try cache.store(record, for: key)
        }
    }

    /// The stacks of layers that the caches have for several steps, as a record has them; nil where they lack one.
    private func recordedChains(of ids: ArraySlice<StepID>) async throws -> String? {
        var chains: [String] = []
        for id in ids {
            guard let chain = try await recordedChain(of: id) else { return nil }
            chains.append(chain.description)
        }
        return chains.isEmpty ? nil : chains.joined(separator: " ")
    }

    /// The stack of layers that the caches have for a step, without doing anything; nil where they have none, because a
    /// step was never done, or a record was pruned.
    func recordedChain(of id: StepID) async throws -> ChainID? {
        let node = plan[id]
        switch node.step {
        case .scratch: return .empty
        case .base(let step): return ChainID.of(try base(step).config.rootfs.diffIDs)
        case .run, .copy, .workdir:
            guard let parent = try await recordedChain(of: node.inputs[0]) else { return nil }
            return try await record(of: id) { record, _ in
                guard record.parent == parent.description else { return nil }
                return record.layer.map { parent.adding($0.diffID) } ?? parent
            }
        }
    }

    /// Says which steps the shared caches did not have, where they had some, or were asked for all.
    func explainMisses() {
        guard let shared, !shared.sources.isEmpty, options.usesCache else { return }
        let done = performed.withLock { $0 }
        guard !done.isEmpty else { return }
        let titles = plan.nodes.filter { done.contains($0.id) }.map(\.title)
        let names = shared.sources.map(\.name).joined(separator: " or ")
        let first = titles.first ?? ""
        report(
            .note(
                "not in the store nor in \(names), so done here: \(first)"
                    + (titles.count > 1 ? " and \(titles.count - 1) more" : "")))
    }
}
