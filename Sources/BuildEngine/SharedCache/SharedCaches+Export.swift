import OCIContent
import OCISpec
import Synchronization

extension SharedCaches {
    /// What happens to an entry that is to be shared.
    private enum Decision {
        /// The cache has it.
        case present
        /// It is written.
        case write
        /// The cache has another result of the same step, or of one below. What stands on ours is of use to nobody who
        /// takes that; and if every builder put its own in the place of another's, no chain of steps would last.
        case diverged
    }

    /// How many requests, or entries, are under way at a time.
    private static let width = 4

    /// Writes what a cache lacks; `exports` are in an order in which each comes after its inputs.
    func export(_ exports: [CacheExport], to target: Target) async throws {
        let cache = target.cache
        do {
            var found: [Int: CacheEntry] = [:]
            let answers = try await concurrently(Array(exports.indices)) { [self] index -> (Int, CacheEntry?) in
                let tag = exports[index].entry.tag
                if let known = known(tag, in: cache) { return (index, known) }
                return (index, try await cache.present(tag))
            }
            for (index, entry) in answers { found[index] = entry }
            let decisions = Self.decide(exports, found)
            let wanted = exports.indices.filter { decisions[$0] == .write }
            _ = try await concurrently(wanted) { index in try await cache.write(exports[index]) }
            let steps = exports.indices.filter { exports[$0].entry.step != nil }
            let written = steps.count { decisions[$0] == .write }
            let diverged = steps.count { decisions[$0] == .diverged }
            report(
                .note(
                    "cache \(cache.name): \(written) \(written == 1 ? "step" : "steps") written, "
                        + "\(steps.count - written - diverged) there already"
                        + (diverged == 0 ? "" : ", \(diverged) there with another result, which stays")))
        } catch {
            try Task.checkCancellation()
            failedToWrite(cache, error)
        }
    }

    private static func decide(_ exports: [CacheExport], _ found: [Int: CacheEntry]) -> [Decision] {
        var decisions: [Decision] = []
        for (index, export) in exports.enumerated() {
            guard let own = export.entry.step else {
                decisions.append(found[index] == nil ? .write : .present)
                continue
            }
            if export.inputs.contains(where: { decisions[$0] == .diverged }) {
                decisions.append(.diverged)
            } else if let entry = found[index], let there = entry.step, there.parent == own.parent,
                there.source == own.source
            {
                decisions.append(entry.diffID == export.entry.diffID && there.layer == own.layer ? .present : .diverged)
            } else {
                decisions.append(.write)
            }
        }
        return decisions
    }

    private func concurrently<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            var rest = items.makeIterator()
            var values: [Value] = []
            for _ in 0..<Self.width {
                guard let item = rest.next() else { break }
                group.addTask { try await body(item) }
            }
            while let value = try await group.next() {
                values.append(value)
                if let item = rest.next() { group.addTask { try await body(item) } }
            }
            return values
        }
    }
}
