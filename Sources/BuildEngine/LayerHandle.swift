import OCIContent
import OCISpec

/// A layer of a tree under construction. Its blob may still be being written while the next step runs on its files.
package final class LayerHandle: Sendable {
    /// What is known of a layer once its blob is in the store, or may be fetched.
    package struct Facts: Sendable {
        /// The compressed blob.
        package let descriptor: Descriptor
        /// Digest of the uncompressed tar.
        package let diffID: Digest
        /// Where the blob is read if the store lacks it; nil for where the store remembers that it is.
        package let source: (any BlobSource)?
    }

    /// The facts, or nil for a step that changed nothing.
    let outcome: Task<Facts?, any Error>
    /// The snapshot that the step wrote, where it wrote one.
    let snapshot: Snapshots.ID?

    /// A layer of which all is known.
    init(_ facts: Facts?) {
        outcome = Task { facts }
        snapshot = nil
    }

    /// A layer that is being written.
    init(snapshot: Snapshots.ID?, outcome: Task<Facts?, any Error>) {
        self.outcome = outcome
        self.snapshot = snapshot
    }

    func facts() async throws -> Facts? { try await outcome.value }
}

/// A file tree as the layers that make it, bottom first.
package struct LayeredTree: Sendable {
    package var layers: [LayerHandle] = []

    func adding(_ layer: LayerHandle) -> LayeredTree { LayeredTree(layers: layers + [layer]) }

    /// The facts of the layers that changed something, bottom first; waits for those that are being written.
    func facts() async throws -> [LayerHandle.Facts] {
        var known: [LayerHandle.Facts] = []
        for layer in layers {
            if let facts = try await layer.facts() { known.append(facts) }
        }
        return known
    }

    /// The tree without the layers that changed nothing, which have no directory and no table.
    func solid() async throws -> LayeredTree {
        var solid = LayeredTree()
        for layer in layers where try await layer.facts() != nil { solid.layers.append(layer) }
        return solid
    }

    /// The identity of the tree's content.
    func chain() async throws -> ChainID { ChainID.of(try await facts().map(\.diffID)) }
}
