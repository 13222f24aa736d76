import Layers
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// The shared caches of one build: those that it reads, and those that it writes. None of them can make the build fail:
/// one that cannot be reached, or that holds what may not be used, is warned of once.
package final class SharedCaches: Sendable {
    /// A cache that is written.
    package struct Target: Sendable {
        /// Where.
        package let cache: SharedCache
        /// Every stage's steps, and not those of the image's own stages only.
        package let hasAllStages: Bool

        /// A cache to write.
        package init(cache: SharedCache, hasAllStages: Bool) {
            self.cache = cache
            self.hasAllStages = hasAllStages
        }
    }

    /// An entry that was found, and where.
    struct Found: Sendable {
        let entry: CacheEntry
        let cache: SharedCache
    }

    private struct State {
        /// Caches that failed, by name: they are not asked again.
        var broken: Set<String> = []
        /// Caches of which was said that they hold what may not be used.
        var refused: Set<String> = []
        /// Entries whose records the build took over, by the digest of the layer's blob.
        var adopted: [Digest: Found] = [:]
        /// The entries that tell the shapes of layers.
        var layers: [Digest: Found] = [:]
        /// All entries that were found, by place and tag.
        var found: [String: CacheEntry] = [:]
        /// Steps that this build did itself.
        var performed: [StepKey] = []
    }

    /// The caches to read, in the order in which they are asked.
    package let sources: [SharedCache]
    /// The caches to write.
    package let targets: [Target]
    let report: @Sendable (BuildEvent) -> Void
    private let state = Mutex(State())
    private let lookups = SharedWork<StepKey, Found?>()

    /// The caches of a build that reports to `report`.
    package init(sources: [SharedCache], targets: [Target], report: @escaping @Sendable (BuildEvent) -> Void) {
        self.sources = sources
        self.targets = targets
        self.report = report
    }

    // MARK: Reading

    /// The entry of a step, of the first cache that has one.
    func find(_ key: StepKey, codec: String) async throws -> Found? {
        guard !sources.isEmpty else { return nil }
        return try await lookups.value(for: key) { [self] in
            let tag = CacheEntry.tag(step: key, codec: codec)
            for cache in sources {
                guard let entry = try await tried(cache, { try await cache.entry(tag) }) ?? nil else { continue }
                let found = Found(entry: entry, cache: cache)
                state.withLock { state in
                    state.found["\(cache.place) \(tag)"] = entry
                    if let diffID = entry.diffID, entry.shape != nil { state.layers[diffID] = found }
                }
                return found
            }
            return nil
        }
    }

    /// The shape of a layer, of the first cache that has it; nil where none has.
    func shape(of diffID: Digest) async throws -> TableOfContents? {
        if let known = state.withLock({ $0.layers[diffID] }),
            let shape = try await tried(known.cache, { try await known.cache.shape(of: known.entry) }) ?? nil
        {
            return shape
        }
        for cache in sources {
            let shape = try await tried(cache) { () async throws -> TableOfContents? in
                let tag = CacheEntry.tag(layer: diffID)
                guard let entry = try await cache.entry(tag) else { return nil }
                state.withLock { $0.found["\(cache.place) \(tag)"] = entry }
                return try await cache.shape(of: entry)
            }
            if let shape = shape ?? nil { return shape }
        }
        return nil
    }

    /// Notes that the build took over an entry's record.
    func adopt(_ found: Found) {
        guard let blob = found.entry.step?.layer else { return }
        state.withLock { $0.adopted[blob.digest] = found }
    }

    /// Notes that the build did a step itself.
    func notePerformed(_ key: StepKey) { state.withLock { $0.performed.append(key) } }

    /// The keys of the steps whose records were taken over, and of those that were done beside them.
    var touchedKeys: [StepKey] {
        state.withLock { state in
            state.adopted.values.compactMap { $0.entry.step.map { StepKey(hex: $0.key) } } + state.performed
        }
    }

    /// The entry that was found under a tag of a cache earlier in this build.
    func known(_ tag: String, in cache: SharedCache) -> CacheEntry? {
        state.withLock { $0.found["\(cache.place) \(tag)"] }
    }

    /// The same caches to write, and none to read.
    var withoutSources: SharedCaches { SharedCaches(sources: [], targets: targets, report: report) }

    /// Whether a build that failed this way may come to its end without the shared caches: a layer that was taken over
    /// cannot be had, or is not what it should be.
    func mayBeAtFault(for error: any Error) -> Bool {
        let adopted = state.withLock { $0.adopted }
        var error = error
        while let step = error as? StepError { error = step.cause }
        switch error {
        case is ShapeMismatch: return true
        case let error as ContentError: return adopted.keys.contains { error.subject == $0.description }
        case let error as EngineError:
            return error.code == .layerMismatch && adopted.keys.contains { error.subject == $0.description }
        // Neither names the layer that it was found in.
        case is LayersError: return !adopted.isEmpty
        default: return false
        }
    }

    // MARK: Failing

    /// The result of `body`, or nil where the cache fails, which is reported once.
    func tried<R: Sendable>(_ cache: SharedCache, _ body: () async throws -> R) async throws -> R? {
        if state.withLock({ $0.broken.contains(cache.name) }) { return nil }
        do {
            return try await body()
        } catch let refusal as CacheRefusal {
            if state.withLock({ $0.refused.insert(cache.name).inserted }) {
                report(.warning(Self.text(refusal, cache)))
            }
            return nil
        } catch {
            try Task.checkCancellation()
            if state.withLock({ $0.broken.insert(cache.name).inserted }) {
                report(.warning("the cache \(cache.name) cannot be read, and the build goes on without it: \(error)"))
            }
            return nil
        }
    }

    /// Says once that a cache cannot be written.
    func failedToWrite(_ cache: SharedCache, _ error: any Error) {
        guard state.withLock({ $0.broken.insert("to \(cache.name)").inserted }) else { return }
        report(.warning("the cache \(cache.name) cannot be written, and the build goes on without it: \(error)"))
    }

    private static func text(_ refusal: CacheRefusal, _ cache: SharedCache) -> String {
        switch refusal.reason {
        case .unsigned:
            "the cache \(cache.name) has entries that no trusted key has signed, and they are not used: the one under the "
                + "tag \(refusal); have it written with --cache-key and the private key that belongs to yours"
        case .invalid:
            "the cache \(cache.name) has an entry that is not used: the one under the tag \(refusal); the next build with "
                + "--cache-to replaces it"
        }
    }
}

/// What a cache told of a layer is not what the layer holds.
struct ShapeMismatch: Error, CustomStringConvertible {
    let diffID: Digest

    var description: String {
        "the table of contents that a cache gave for the layer \(diffID) is not that layer's: somebody has changed the cache"
    }
}
