import Glibc
import LinuxSystem
import OCIContent
import OCISpec

/// Deletes what no image of a store needs any more: blobs, unpacked layers, tables of contents, step records.
package struct StorePruning {
    private let store: LocalStore
    private let root: Path

    /// Will prune the store whose root is `root`.
    package init(store: LocalStore, root: Path) {
        self.store = store
        self.root = root
    }

    /// What was deleted.
    package struct Outcome: Sendable {
        package var freedBytes: Int64 = 0
        package var blobs = 0
        package var steps = 0
        package var snapshots = 0
        package var warnings: [String] = []
    }

    /// Deletes under an exclusive lease: fails while a build or a transfer runs. With `all`, the step cache goes, and
    /// with it every layer that only the cache needs, and what cache mounts hold; else the records whose layers are
    /// neither here nor known to be elsewhere, and caches beyond the first of an id.
    package func prune(all: Bool) throws -> Outcome {
        let lease = try store.exclusiveLease()
        defer { withExtendedLifetime(lease) {} }
        var outcome = Outcome()
        let cache = try DiskStepCache(storeRoot: root)
        let origins = BlobOrigins(storeRoot: root)
        var roots = PruneRoots()
        for (key, record) in try cache.records() {
            let digests = record.layer?.variants.values.map(\.digest)
            let isReachable = digests?.contains {
                FileSystem.exists(store.blobPath($0)) || !origins.places(of: $0).isEmpty
            }
            if all || isReachable == false {
                try cache.remove(key)
                outcome.steps += 1
            } else {
                roots.digests.formUnion(digests ?? [])
            }
        }
        // What was remembered of the files of contexts belongs to the cache too.
        if all { for name in ["digests", "pieces"] as [Path] { try FileSystem.removeTree(root / name) } }
        let blobs = try store.prune(keeping: roots, grace: 0, under: lease)
        outcome.freedBytes += blobs.freedBytes
        outcome.blobs = blobs.removedBlobs
        outcome.warnings = blobs.warnings
        let kept = try keptLayers(cache)
        let forms = try Snapshots.forms(storeRoot: root).map { try Snapshots(storeRoot: root, form: $0) }
        var named: Set<Snapshots.ID> = []
        for snapshots in forms {
            for (hex, id) in try snapshots.all().chains {
                if let id, kept.chains.contains(hex) { named.insert(id) } else { snapshots.forget(chain: hex) }
            }
        }
        // A directory stays while a chain of any form names it.
        if let snapshots = forms.first {
            for id in try snapshots.all().ids where !named.contains(id) {
                // What cannot be looked into cannot be deleted either; that is told below.
                outcome.freedBytes += (try? DiskUsage.bytes(below: snapshots.folder / Path(id))) ?? 0
                outcome.snapshots += 1
                snapshots.discard(id)
            }
            if let stayed = snapshots.emptyTrash() { outcome.warnings.append(Self.warning(stayed)) }
        }
        let tables = root / "tables"
        for entry in (try? DirectoryListing.entries(at: tables)) ?? []
        where !kept.diffIDs.contains(entry.name.description) {
            outcome.freedBytes += try DiskUsage.bytes(below: tables / entry.name)
            try FileSystem.removeTree(tables / entry.name)
        }
        do {
            outcome.freedBytes += try CacheMounts(storeRoot: root).prune(all: all)
        } catch let error as SystemError where [.accessDenied, .permission].contains(error.errno) {
            outcome.warnings.append(Self.warning(error))
        }
        return outcome
    }

    /// Why files stayed: most likely a build in a user namespace made them, and their owner is a subordinate id.
    private static func warning(_ error: SystemError) -> String {
        "some files could not be deleted (\(error)): where they belong to subordinate ids, run \"ocibuild prune\" where "
            + "\"ocibuild doctor\" shows the rung userns, or as root"
    }

    /// The stacks, and the layers, that images of the store and step records name.
    private func keptLayers(_ cache: DiskStepCache) throws -> (chains: Set<String>, diffIDs: Set<String>) {
        var chains: Set<String> = []
        var diffIDs: Set<String> = []
        for (_, descriptor) in try store.references() {
            for config in configs(of: descriptor) {
                var chain = ChainID.empty
                for diffID in config.rootfs.diffIDs {
                    chain = chain.adding(diffID)
                    if let hex = chain.digest?.hex { chains.insert(hex) }
                    diffIDs.insert(diffID.hex)
                }
            }
        }
        for (_, record) in try cache.records() {
            guard let layer = record.layer else { continue }
            diffIDs.insert(layer.diffID.hex)
            let parent = ChainID(digest: try? Digest(parsing: record.parent))
            if let hex = parent.adding(layer.diffID).digest?.hex { chains.insert(hex) }
            if let hex = parent.digest?.hex { chains.insert(hex) }
        }
        return (chains, diffIDs)
    }

    /// The configurations of an image. One that is not here or cannot be read keeps nothing: what is unpacked of it can
    /// be unpacked again.
    private func configs(of descriptor: Descriptor) -> [ImageConfig] {
        func decoded<Document: Decodable>(_ type: Document.Type, _ blob: Descriptor) -> Document? {
            guard
                let bytes = try? FileSystem.readFile(
                    store.blobPath(blob.digest), limit: CanonicalJSON.defaultLimit)
            else { return nil }
            return try? CanonicalJSON.decode(type, from: bytes)
        }
        if descriptor.mediaType.isIndex {
            return decoded(ImageIndex.self, descriptor)?.manifests.flatMap { configs(of: $0) } ?? []
        }
        return decoded(ImageManifest.self, descriptor).flatMap { decoded(ImageConfig.self, $0.config) }.map { [$0] }
            ?? []
    }
}

/// Counts what files really occupy.
enum DiskUsage {
    /// Allocated bytes of a file or tree; files with several names count once for each name below `path`. What lies
    /// deeper than a path can name, or in a directory that may not be read, is not counted: a step can make such trees,
    /// and they have to be removed all the same.
    static func bytes(below path: Path) throws -> Int64 {
        var total: Int64 = 0
        do {
            guard let status = try FileSystem.statusIfPresent(path) else { return 0 }
            total = status.blocks * 512
            guard status.type == .directory else { return total }
            for entry in try DirectoryListing.entries(at: path) { total += try bytes(below: path / entry.name) }
        } catch let error as SystemError where [Errno(code: ENAMETOOLONG), .accessDenied].contains(error.errno) {}
        return total
    }
}
