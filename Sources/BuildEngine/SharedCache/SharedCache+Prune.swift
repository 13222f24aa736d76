import LinuxSystem
import OCIContent
import OCISpec

extension SharedCache {
    /// What a pruning took away, and what it left.
    package struct Pruned: Sendable {
        /// How many entries went.
        package var removed = 0
        /// How many stayed.
        package var kept = 0
    }

    /// Takes out the entries that are older than so many seconds, or all with 0, whatever their version. What else is in
    /// the repository stays. An error ends it: registries may refuse to remove anything.
    package func prune(olderThan age: Int64) async throws -> Pruned {
        var pruned = Pruned()
        let oldest = FileTime.now.seconds - age
        let tags = try await contents.tags(beginning: CacheEntry.tagPrefix)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var rest = tags.makeIterator()
            func add(_ tag: String) {
                group.addTask { try await removed(tag, olderThan: oldest) }
            }
            for _ in 0..<4 { rest.next().map(add) }
            while let isRemoved = try await group.next() {
                if isRemoved { pruned.removed += 1 } else { pruned.kept += 1 }
                rest.next().map(add)
            }
        }
        return pruned
    }

    private func removed(_ tag: String, olderThan oldest: Int64) async throws -> Bool {
        guard let found = try await contents.manifest(tagged: reference(tag)) else { return false }
        guard let created = CacheManifest.created(found.bytes), created <= oldest else { return false }
        try await contents.remove(found.descriptor)
        return true
    }
}
