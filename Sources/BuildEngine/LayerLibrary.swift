import Archive
import Codecs
import Layers
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// What is known and kept of layers: their blobs, their tables of contents and their unpacked trees, each made when it
/// is first needed.
package final class LayerLibrary: Sendable {
    let store: LocalStore
    let snapshots: Snapshots
    /// How its trees are kept.
    package let form: TreeForm
    /// Where blobs that the store lacks may be had.
    let origins: OriginSource
    /// Looks elsewhere for the shape of a layer: a table of contents that is exact in directories and links, and that of
    /// files has the paths only.
    package typealias TableSource = @Sendable (_ diffID: Digest) async throws -> TableOfContents?
    let tableSource: TableSource?
    /// The store's.
    let root: Path
    private let tablesFolder: Path
    private let report: @Sendable (BuildEvent) -> Void
    private let blobs = SharedWork<Digest, Void>()
    let tables = SharedWork<Digest, TableOfContents>()
    /// Those of the tables that trees were merged of: many steps merge the same, and one more.
    private let loaded = Mutex<[Digest: TableOfContents]>([:])
    let shapes = SharedWork<Digest, TableOfContents?>()
    /// The shapes that were believed without reading the layer.
    let trusted = Mutex<[Digest: TableOfContents]>([:])
    private let unpacks = SharedWork<ChainID, Unpacked>()
    private let trees = SharedWork<ChainID, Snapshots.ID>()
    private let gate = AsyncGate(limit: 4)
    /// Another than that of fetching: what is unpacked while it comes waits for the fetch.
    private let unpackGate = AsyncGate(limit: 4)
    private let retired = Mutex<Set<Snapshots.ID>>([])

    /// Opens what a store's root keeps beside its blobs.
    package init(
        store: LocalStore, root: Path, form: TreeForm, origins: OriginSource, tableSource: TableSource? = nil,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) throws {
        self.store = store
        self.form = form
        self.origins = origins
        self.tableSource = tableSource
        self.report = report
        self.root = root
        snapshots = try Snapshots(storeRoot: root, form: form.name)
        tablesFolder = root / "tables"
        try FileSystem.makeDirectories(tablesFolder)
    }

    /// Makes sure that the layer's blob is in the store.
    /// - Parameter arrival: is told of it as it comes, if this call is the one that fetches it.
    func fetch(_ facts: LayerHandle.Facts, arrival: BlobArrival? = nil) async throws {
        let descriptor = facts.descriptor
        if try await store.contains(descriptor) { return }
        try await blobs.value(for: descriptor.digest) { [store, origins, gate, report] in
            try await gate.pass {
                let label = descriptor.digest.short
                let progress: @Sendable (Int64) -> Void = { completed in
                    report(
                        .transfer(
                            TransferProgress(
                                kind: .pull, label: label, completed: completed, total: descriptor.size, done: false)))
                }
                if let source = facts.source {
                    try await store.ingest(descriptor, from: source, arrival: arrival, progress: progress)
                } else {
                    // Where one place fails the next is asked, from the start: nobody reads that while it comes.
                    try await origins.bring(descriptor, to: store, progress: progress)
                }
                report(
                    .transfer(
                        TransferProgress(
                            kind: .pull, label: label, completed: descriptor.size, total: descriptor.size, done: true)))
            }
        }
    }

    /// Calls `body` with a way to open the layer's blob, which is fetched meanwhile if it is not in the store. Returns when
    /// the blob is there, whole and verified. Where the fetch fails that is the error, whatever became of `body`.
    private func withBlob<R: Sendable>(
        of facts: LayerHandle.Facts, _ body: (@escaping @Sendable () throws -> any ByteReader) async throws -> R
    ) async throws -> R {
        let path = store.blobPath(facts.descriptor.digest)
        if try await store.contains(facts.descriptor) { return try await body { try FileByteReader(path) } }
        let arrival = BlobArrival(of: facts.descriptor)
        async let fetched: Void = fetch(facts, into: arrival)
        let result: R
        do { result = try await body { arrival.reader() } } catch {
            try await fetched
            throw error
        }
        try await fetched
        return result
    }

    private func fetch(_ facts: LayerHandle.Facts, into arrival: BlobArrival) async throws {
        do { try await fetch(facts, arrival: arrival) } catch {
            arrival.end(at: nil)
            throw error
        }
        arrival.end(at: store.blobPath(facts.descriptor.digest))
    }

    /// The layer's uncompressed tar; its DiffID must be compared by whoever drains it.
    private static func tar(of blob: any ByteReader) throws -> ReadAheadReader {
        ReadAheadReader(try DecompressingReader(sniffing: blob))
    }

    private func verify(_ reader: ReadAheadReader, _ facts: LayerHandle.Facts) throws {
        let found = try reader.finish()
        guard found == facts.diffID else {
            throw EngineError(
                .layerMismatch, facts.descriptor.digest.description,
                "the layer \(facts.descriptor.digest) unpacks to \(found), but its image's configuration promises \(facts.diffID): the image is damaged or was tampered with"
            )
        }
    }

    // MARK: Tables

    /// The layer's table of contents: from memory, from disk, or by reading the blob.
    func table(of facts: LayerHandle.Facts) async throws -> TableOfContents {
        try await tables.value(for: facts.diffID) { [self] in
            if let known = try await BlockingPool.shared.run({ try self.storedTable(facts.diffID) }) { return known }
            let table = try await withBlob(of: facts) { open in
                try await BlockingPool.shared.run {
                    let reader = try Self.tar(of: open())
                    let table = try TableScanner.scan(reader)
                    try self.verify(reader, facts)
                    return table
                }
            }
            try await BlockingPool.shared.run { try self.keep(table, for: facts.diffID) }
            return table
        }
    }

    /// The tree that the layers make, if the tables of all of them are at hand; nil where a layer had to be read for it.
    func mergedIfKnown(_ tree: LayeredTree) async throws -> MergedTree? {
        for facts in try await tree.facts() {
            guard hasTable(of: facts.diffID) else { return nil }
        }
        return try await merged(tree)
    }

    /// Whether the store has the table of a layer.
    func hasTable(of diffID: Digest) -> Bool { FileSystem.exists(tablesFolder / Path(diffID.hex)) }

    func storedTable(_ diffID: Digest) throws -> TableOfContents? {
        // A damaged table is made again from its layer.
        guard let bytes = try? FileSystem.readFile(tablesFolder / Path(diffID.hex), limit: 1 << 30) else { return nil }
        return try? TableOfContents(decoding: bytes)
    }

    /// Remembers the table of a layer.
    func keep(_ table: TableOfContents, for diffID: Digest) throws {
        try checkShape(table, of: diffID)
        try FileSystem.writeAtomically(table.encode(), to: tablesFolder / Path(diffID.hex), durable: false)
    }

    /// The tree that the layers make, by their tables alone.
    func merged(_ tree: LayeredTree) async throws -> MergedTree {
        let layers = try await tree.facts()
        var tables = loaded.withLock { loaded in layers.map { loaded[$0.diffID] } }
        let missing = tables.indices.filter { tables[$0] == nil }
        if !missing.isEmpty {
            // Those that are not at hand are fetched together.
            let found = try await withThrowingTaskGroup(of: (Int, TableOfContents).self) { group in
                for position in missing {
                    group.addTask { (position, try await self.table(of: layers[position])) }
                }
                return try await group.reduce(into: [Int: TableOfContents]()) { $0[$1.0] = $1.1 }
            }
            loaded.withLock { loaded in
                for (position, table) in found { loaded[layers[position].diffID] = table }
            }
            for (position, table) in found { tables[position] = table }
        }
        return MergedTree(tables.compactMap { $0 })
    }

    // MARK: Trees

    /// The directories of the tree's layers, bottom first, unpacking in parallel what is not there. Layers that a
    /// running build wrote are used as they are, without waiting for their blobs.
    func unpacked(_ tree: LayeredTree) async throws -> [Snapshots.ID] {
        var pending: [(handle: LayerHandle, position: Int)] = []
        var ids: [Snapshots.ID?] = tree.layers.map(\.knownSnapshot)
        for (position, handle) in tree.layers.enumerated() where ids[position] == nil {
            pending.append((handle, position))
        }
        if !pending.isEmpty {
            // The name of an unpacked layer is its whole stack's, so the layers below must be known.
            let last = pending[pending.count - 1].position
            var chain = ChainID.empty
            var wanted: [(position: Int, facts: LayerHandle.Facts, chain: ChainID)] = []
            for position in 0...last {
                guard let facts = try await tree.layers[position].facts() else { continue }
                chain = chain.adding(facts.diffID)
                if ids[position] == nil { wanted.append((position, facts, chain)) }
            }
            // Fetched and unpacked at once, each into a directory of its own...
            var applied: [Int: Unpacked] = [:]
            try await withThrowingTaskGroup(of: (Int, Unpacked).self) { group in
                for item in wanted {
                    group.addTask { (item.position, try await self.unpackOnce(item.facts, item.chain)) }
                }
                for try await (position, unpacked) in group { applied[position] = unpacked }
            }
            // ...and bottom up, because a layer may rely on directories and links of those below it.
            for item in wanted {
                guard let unpacked = applied[item.position] else { continue }
                let id: Snapshots.ID
                if case .present(let present) = unpacked {
                    id = present
                } else {
                    let lowers = ids[..<item.position].compactMap { $0 }.reversed().map { snapshots.tree($0) }
                    id = try await trees.value(for: item.chain) { [self] in
                        try await BlockingPool.shared.run {
                            try self.finish(unpacked, item.chain, lowers: Array(lowers))
                        }
                    }
                }
                ids[item.position] = id
                // So that the next step need not go through the layers below it again.
                tree.layers[item.position].note(unpackedTo: id)
            }
        }
        return ids.compactMap { $0 }
    }

    private enum Unpacked: Sendable {
        case present(Snapshots.ID)
        case fresh(Snapshots.ID, AppliedLayer)
    }

    private func unpackOnce(_ facts: LayerHandle.Facts, _ chain: ChainID) async throws -> Unpacked {
        try await unpacks.value(for: chain) { [self] in try await unpack(facts, chain) }
    }

    private func unpack(_ facts: LayerHandle.Facts, _ chain: ChainID) async throws -> Unpacked {
        if let present = snapshots.find(chain) { return .present(present) }
        let id = try snapshots.create()
        do {
            let applied = try await withBlob(of: facts) { open in
                try await self.unpackGate.pass {
                    try await BlockingPool.shared.run { try self.apply(open(), facts, to: id) }
                }
            }
            try await BlockingPool.shared.run { try self.keep(applied.contents, for: facts.diffID) }
            retire(id)
            return .fresh(id, applied)
        } catch {
            snapshots.discard(id)
            throw error
        }
    }

    private func apply(_ blob: any ByteReader, _ facts: LayerHandle.Facts, to id: Snapshots.ID) throws -> AppliedLayer {
        let reader = try Self.tar(of: blob)
        let applied = try LayerApplier(root: snapshots.tree(id), form: form.layerForm, ownership: form.ownership)
            .apply(reader)
        try verify(reader, facts)
        return applied
    }

    private func finish(_ unpacked: Unpacked, _ chain: ChainID, lowers: [Path]) throws -> Snapshots.ID {
        switch unpacked {
        case .present(let id): return id
        case .fresh(let id, let applied):
            if let present = snapshots.find(chain) { return present }
            try LayerApplier.adoptImplicitDirectories(
                applied, root: snapshots.tree(id), lowers: lowers, attributePrefix: form.attributePrefix,
                ownership: form.ownership)
            let standing = try snapshots.commit(id, as: chain)
            if standing == id { retired.withLock { _ = $0.remove(id) } }
            return standing
        }
    }

    /// Makes a retired snapshot that a step wrote known as the topmost layer of `chain`. Where another process, or
    /// another step of this build, was first, it stays retired.
    func adopt(_ id: Snapshots.ID, as chain: ChainID) throws {
        if try snapshots.commit(id, as: chain) == id { retired.withLock { _ = $0.remove(id) } }
    }

    /// Notes that nothing names this snapshot, so that it goes when the build is over; later steps may still stand on
    /// it until then.
    func retire(_ id: Snapshots.ID) { retired.withLock { _ = $0.insert(id) } }

    /// Discards what was retired. To be called when nothing of the build runs any more.
    func discardRetired() {
        let ids = retired.withLock { retired in
            defer { retired = [] }
            return retired
        }
        for id in ids { snapshots.discard(id) }
    }

    /// Builds the merged tree in `root`, an empty directory, by applying the layers one after another. What files cannot
    /// say of themselves lies beside it: see ``TreeForm``.
    func flatten(_ tree: LayeredTree, into root: Path, ownership: TreeOwnership? = nil) async throws {
        let ownership = ownership ?? form.ownership
        for facts in try await tree.facts() {
            let applied = try await withBlob(of: facts) { open in
                try await BlockingPool.shared.run {
                    let reader = try Self.tar(of: open())
                    let applied = try LayerApplier(root: root, form: .direct, ownership: ownership).apply(reader)
                    try self.verify(reader, facts)
                    return applied
                }
            }
            try await BlockingPool.shared.run { try self.keep(applied.contents, for: facts.diffID) }
        }
    }
}
