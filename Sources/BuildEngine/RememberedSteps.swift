import Synchronization

/// The step records that one build asked for: the same one is needed for a step, for the stages that are made of it and
/// for those that take files out of it.
final class RememberedSteps: StepCache {
    private struct State {
        var records: [StepKey: StepRecord] = [:]
        /// What the cache has for whole lineages, until a record changes.
        var chains: [Int: ChainID] = [:]
        /// How often a record has changed.
        var generation = 0
    }

    private let cache: any StepCache
    private let state = Mutex(State())

    init(_ cache: any StepCache) { self.cache = cache }

    func lookup(_ key: StepKey) throws -> StepRecord? {
        if let known = state.withLock({ $0.records[key] }) { return known }
        // What is not there may come, from this build or another, and is asked for again.
        guard let record = try cache.lookup(key) else { return nil }
        return state.withLock { state in
            // A record that was stored meanwhile is the newer one.
            if let known = state.records[key] { return known }
            state.records[key] = record
            return record
        }
    }

    func store(_ record: StepRecord, for key: StepKey) throws {
        try cache.store(record, for: key)
        state.withLock { state in
            state.records[key] = record
            state.chains = [:]
            state.generation += 1
        }
    }

    func records() throws -> [(key: StepKey, record: StepRecord)] { try cache.records() }

    func remove(_ key: StepKey) throws {
        try cache.remove(key)
        state.withLock { state in
            state.records[key] = nil
            state.chains = [:]
            state.generation += 1
        }
    }

    /// The stack of layers that the records have for the step with this index in its plan, if it was found before and no
    /// record has changed since.
    func chain(ofStep index: Int) -> ChainID? { state.withLock { $0.chains[index] } }

    /// How often a record has changed: what was found by an earlier generation of records may not be so any more.
    var generation: Int { state.withLock { $0.generation } }

    /// Keeps the stack of layers that the records of a generation have for a step.
    func keep(_ chain: ChainID, ofStep index: Int, of generation: Int) {
        state.withLock { if $0.generation == generation { $0.chains[index] = chain } }
    }
}
