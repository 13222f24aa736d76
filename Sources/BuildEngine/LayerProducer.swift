import Codecs
import Layers
import LinuxSystem
import OCIContent
import OCISpec

/// Turns what a step changed into a blob in the store, a table of contents and a record in the cache.
struct LayerProducer: Sendable {
    let library: LayerLibrary
    let cache: any StepCache
    let options: EngineOptions
    let locator: StepLocator
    let report: @Sendable (BuildEvent) -> Void
    private let gate = AsyncGate(limit: 2)
    private let pieces: KnownPieces?

    init(
        library: LayerLibrary, cache: any StepCache, options: EngineOptions, locator: StepLocator,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.library = library
        self.cache = cache
        self.options = options
        self.locator = locator
        self.report = report
        pieces = KnownPieces(library.store, root: library.root, compression: options.compression)
    }

    /// Starts to write a layer; the returned task ends when blob, table and record are in place. `fill` puts the
    /// entries into the writer on a blocking thread, and returns false where there is nothing to write.
    func start(
        step: Int, key: StepKey, inputs: StepInputs, snapshot: Snapshots.ID?,
        fill: @escaping @Sendable (LayerWriter) throws -> Bool
    ) -> Task<LayerHandle.Facts?, any Error> {
        Task {
            do {
                return try await produce(step: step, key: key, inputs: inputs, snapshot: snapshot, fill: fill)
            } catch {
                throw locator.located(error, step: step)
            }
        }
    }

    private func produce(
        step: Int, key: StepKey, inputs: StepInputs, snapshot: Snapshots.ID?,
        fill: @escaping @Sendable (LayerWriter) throws -> Bool
    ) async throws -> LayerHandle.Facts? {
        // Until it stands for a chain nothing names the snapshot, and a failure must not leave it behind.
        if let snapshot { library.retire(snapshot) }
        let written = try await gate.pass { try await BlockingPool.shared.run { try self.write(fill) } }
        let parentChain = try await inputs.parent.chain()
        var record = StepRecord(
            parent: parentChain.description, source: try await inputs.sourceChains(), layer: nil)
        guard let written else {
            try await BlockingPool.shared.run { [cache, record] in
                if inputs.areUnchanged { try cache.store(record, for: key) }
            }
            return nil
        }
        record.layer = StepRecord.Layer(
            diffID: written.diffID, uncompressedSize: written.uncompressedSize,
            variants: [options.compression.identity: written.descriptor])
        try await BlockingPool.shared.run { [library, cache, record] in
            try library.keep(written.contents, for: written.diffID)
            if let snapshot { try library.adopt(snapshot, as: parentChain.adding(written.diffID)) }
            if inputs.areUnchanged { try cache.store(record, for: key) }
        }
        report(.layerWritten(step: step, size: written.descriptor.size, uncompressed: written.uncompressedSize))
        return LayerHandle.Facts(descriptor: written.descriptor, diffID: written.diffID, source: nil)
    }

    private func write(_ fill: (LayerWriter) throws -> Bool) throws -> LayerResult? {
        let blob = try library.store.beginHashedBlob()
        let writer = LayerWriter(
            blob,
            options: LayerWriter.Options(
                compression: options.compression, threads: options.compressionThreads,
                clampModified: options.clampModified),
            memory: pieces)
        guard try fill(writer) else { return nil }
        let result = try writer.finish()
        try blob.commit(result.descriptor)
        // Only the next layer's speed hangs on it.
        try? pieces?.note(result.pieces, of: result.descriptor.digest)
        return result
    }

    /// What is left of a recorded layer.
    enum Recorded: Sendable {
        /// The step changed nothing, so there is nothing to have.
        case nothing
        /// A blob of the wanted codec is in the store, or known to be elsewhere.
        case layer(LayerHandle.Facts)
        /// No blob of it is in the store any more, and nothing says where else one is.
        case gone
    }

    /// The layer of a record as a blob of the wanted codec: the one that is there, else compressed anew from another,
    /// else the one that is elsewhere, which is fetched when somebody reads it.
    func recorded(_ record: StepRecord, key: StepKey) async throws -> Recorded {
        guard let layer = record.layer else { return .nothing }
        let wanted = options.compression.identity
        if let descriptor = layer.variants[wanted], try await library.store.contains(descriptor) {
            return .layer(LayerHandle.Facts(descriptor: descriptor, diffID: layer.diffID, source: nil))
        }
        for (_, other) in layer.variants.sorted(by: { $0.key < $1.key })
        where try await library.store.contains(other) {
            guard let descriptor = try await encode(other, diffID: layer.diffID) else { continue }
            var updated = record
            updated.layer?.variants[wanted] = descriptor
            try await BlockingPool.shared.run { [cache, updated] in try cache.store(updated, for: key) }
            return .layer(LayerHandle.Facts(descriptor: descriptor, diffID: layer.diffID, source: nil))
        }
        if let descriptor = layer.variants[wanted], library.origins.knows(descriptor.digest) {
            return .layer(LayerHandle.Facts(descriptor: descriptor, diffID: layer.diffID, source: nil))
        }
        return .gone
    }

    /// Compresses a layer of the store in the wanted way; nil where its blob does not hold what it should.
    private func encode(_ other: Descriptor, diffID: Digest) async throws -> Descriptor? {
        try await BlockingPool.shared.run { [library, options] in
            let source = try DecompressingReader(sniffing: FileByteReader(library.store.blobPath(other.digest)))
            let blob = try library.store.beginHashedBlob()
            let compressor = ParallelCompressor(
                options.compression, threads: options.compressionThreads, output: blob)
            try source.copyAll(to: compressor)
            let stream = try compressor.finish()
            guard stream.contentDigest == diffID else { return nil }
            let descriptor = Descriptor(
                mediaType: options.compression.mediaType, digest: stream.digest, size: stream.size)
            try blob.commit(descriptor)
            return descriptor
        }
    }
}
