import Archive
import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// What a build on one rung made: its layers as they are packed, and the tree that they make together.
struct RungImage: Sendable {
    /// The digest of each layer, uncompressed.
    let diffIDs: [Digest]
    /// The layers' contents, bottom first.
    let layers: [LayerListing]
    let tree: ImageTree

    /// Base layers are read once for all images.
    private static let known = Mutex<[Digest: LayerListing]>([:])

    /// Reads an image of a store, whoever owns it.
    init(_ name: String, in store: Path) async throws {
        let layout = try ImageLayout(opening: store)
        let manifest = try await layout.manifest(of: layout.select(.name(name)))
        diffIDs = try await layout.config(of: manifest.config).rootfs.diffIDs
        var layers: [LayerListing] = []
        for (descriptor, diffID) in zip(manifest.layers, diffIDs) {
            if let listing = Self.known.withLock({ $0[diffID] }) {
                layers.append(listing)
                continue
            }
            guard let file = try await layout.file(of: descriptor) else { continue }
            let listing = try await BlockingPool.shared.run { try LayerListing(file) }
            if layers.isEmpty { Self.known.withLock { $0[diffID] = listing } }
            layers.append(listing)
        }
        self.layers = layers
        tree = ImageTree(layers)
    }
}
