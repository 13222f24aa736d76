import Synchronization

/// A file tree as the layers that make it, bottom first.
package struct LayeredTree: Sendable {
    package private(set) var layers: [LayerHandle]
    private var identity: TreeIdentity?

    /// A tree of these layers, bottom first.
    init(layers: [LayerHandle] = []) {
        self.layers = layers
        identity = layers.reduce(nil) { TreeIdentity(below: $0, layer: $1) }
    }

    /// Puts a layer on top.
    mutating func add(_ layer: LayerHandle) {
        layers.append(layer)
        identity = TreeIdentity(below: identity, layer: layer)
    }

    func adding(_ layer: LayerHandle) -> LayeredTree {
        var tree = self
        tree.add(layer)
        return tree
    }

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
        for layer in layers where try await layer.facts() != nil { solid.add(layer) }
        return solid
    }

    /// The identity of the tree's content; waits for layers that are being written.
    func chain() async throws -> ChainID { try await identity?.chain() ?? .empty }
}

/// The identity of a tree, found once from that of the tree below: in a definition of five hundred steps each would
/// otherwise go through all those before it.
private final class TreeIdentity: Sendable {
    private let below: TreeIdentity?
    private let layer: LayerHandle
    private let known = Mutex<ChainID?>(nil)

    init(below: TreeIdentity?, layer: LayerHandle) {
        self.below = below
        self.layer = layer
    }

    func chain() async throws -> ChainID {
        var unknown: [TreeIdentity] = []
        var current: TreeIdentity? = self
        var chain = ChainID.empty
        while let tree = current {
            if let known = tree.known.withLock({ $0 }) {
                chain = known
                break
            }
            unknown.append(tree)
            current = tree.below
        }
        for tree in unknown.reversed() {
            if let facts = try await tree.layer.facts() { chain = chain.adding(facts.diffID) }
            tree.known.withLock { [chain] in $0 = chain }
        }
        return chain
    }
}
