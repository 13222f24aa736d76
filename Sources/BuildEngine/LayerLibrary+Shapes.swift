import Layers
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

extension LayerLibrary {
    /// The tree that the layers make, good enough to copy onto it: of layers that are not here it has only the shape,
    /// where somebody else knows that. Nothing is fetched for it that is larger.
    func shape(of tree: LayeredTree) async throws -> MergedTree {
        let layers = try await tree.facts()
        let tables = try await withThrowingTaskGroup(of: (Int, TableOfContents).self) { group in
            for (position, facts) in layers.enumerated() {
                group.addTask { (position, try await self.shape(of: facts)) }
            }
            return try await group.reduce(into: [Int: TableOfContents]()) { $0[$1.0] = $1.1 }
        }
        return MergedTree(layers.indices.compactMap { tables[$0] })
    }

    private func shape(of facts: LayerHandle.Facts) async throws -> TableOfContents {
        if let tableSource, try await !store.contains(facts.descriptor) {
            let shape = try await shapes.value(for: facts.diffID) { [self] () async throws -> TableOfContents? in
                if try await BlockingPool.shared.run({ try self.storedTable(facts.diffID) }) != nil { return nil }
                let shape = try await tableSource(facts.diffID)
                if let shape { trusted.withLock { $0[facts.diffID] = shape } }
                return shape
            }
            if let shape { return shape }
        }
        return try await table(of: facts)
    }

    /// What is known of a layer without reading it: its table, or the shape that somebody gave. For a thread that may
    /// block.
    func knownShape(of diffID: Digest) throws -> TableOfContents? {
        try storedTable(diffID) ?? trusted.withLock { $0[diffID] }
    }

    /// Holds the shape that somebody gave for a layer, if somebody did, against what the layer turned out to hold.
    func checkShape(_ contents: TableOfContents, of diffID: Digest) throws {
        guard let shape = trusted.withLock({ $0.removeValue(forKey: diffID) }), shape != contents.shape else { return }
        throw ShapeMismatch(diffID: diffID)
    }
}
