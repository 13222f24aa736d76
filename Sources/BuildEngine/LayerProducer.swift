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
    let report: @Sendable (BuildEvent) -> Void
    private let gate = AsyncGate(limit: 2)

    init(
        library: LayerLibrary, cache: any StepCache, options: EngineOptions,
        report: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.library = library
        self.cache = cache
        self.options = options
        self.report = report
    }

    /// Starts to write a layer; the returned task ends when blob, table and record are in place. `fill` puts the
    /// entries into the writer on a blocking thread, and returns false where there is nothing to write.
    func start(
        step: Int, key: StepKey, parent: LayeredTree, snapshot: Snapshots.ID?,
        fill: @escaping @Sendable (LayerWriter) throws -> Bool
    ) -> Task<LayerHandle.Facts?, any Error> {
        Task {
            let written = try await gate.pass { [library, options] in
                try await BlockingPool.shared.run { try Self.write(into: library.store, options: options, fill: fill) }
            }
            let parentChain = try await parent.chain()
            guard let written else {
                try cache.store(StepRecord(parent: parentChain.description, layer: nil), for: key)
                return nil
            }
            try await BlockingPool.shared.run {
                try library.keep(written.contents, for: written.diffID)
                if let snapshot { try library.snapshots.commit(snapshot, as: parentChain.adding(written.diffID)) }
                let layer = StepRecord.Layer(
                    diffID: written.diffID, uncompressedSize: written.uncompressedSize,
                    variants: [options.compression.identity: written.descriptor])
                try cache.store(StepRecord(parent: parentChain.description, layer: layer), for: key)
            }
            report(.layerWritten(step: step, size: written.descriptor.size, uncompressed: written.uncompressedSize))
            return LayerHandle.Facts(descriptor: written.descriptor, diffID: written.diffID, source: nil)
        }
    }

    private static func write(
        into store: LocalStore, options: EngineOptions, fill: (LayerWriter) throws -> Bool
    ) throws -> LayerResult? {
        let blob = try store.beginBlob()
        let writer = LayerWriter(
            blob,
            options: LayerWriter.Options(
                compression: options.compression, threads: options.compressionThreads,
                clampModified: options.clampModified))
        guard try fill(writer) else { return nil }
        let result = try writer.finish()
        _ = try blob.commit(mediaType: result.descriptor.mediaType, expecting: result.descriptor)
        return result
    }

    /// The layer of a record as a blob of the wanted codec: the one that is there, else compressed anew from another.
    func facts(of record: StepRecord, key: StepKey) async throws -> LayerHandle.Facts? {
        guard let layer = record.layer else { return nil }
        let wanted = options.compression.identity
        if let descriptor = layer.variants[wanted] {
            return LayerHandle.Facts(descriptor: descriptor, diffID: layer.diffID, source: nil)
        }
        for other in layer.variants.values where try await library.store.contains(other) {
            let descriptor = try await BlockingPool.shared.run { [library, options] in
                let source = try DecompressingReader(
                    sniffing: FileByteReader(library.store.blobPath(other.digest)))
                let hashing = HashingReader(source)
                let blob = try library.store.beginBlob()
                let compressor = ParallelCompressor(
                    options.compression, threads: options.compressionThreads, output: blob)
                try hashing.copyAll(to: compressor)
                try compressor.finish()
                guard hashing.finalize() == layer.diffID else {
                    throw EngineError(
                        .layerMismatch, other.digest.description,
                        "the layer \(other.digest) in the store \(library.store.root) is damaged: build again with --no-cache"
                    )
                }
                return try blob.commit(mediaType: options.compression.mediaType)
            }
            var updated = layer
            updated.variants[wanted] = descriptor
            try cache.store(StepRecord(parent: record.parent, layer: updated), for: key)
            return LayerHandle.Facts(descriptor: descriptor, diffID: layer.diffID, source: nil)
        }
        return nil
    }

    /// True when the record's layer can be had: nothing to have, or a blob of it is in the store.
    func isUsable(_ record: StepRecord) async throws -> Bool {
        guard let layer = record.layer else { return true }
        for descriptor in layer.variants.values where try await library.store.contains(descriptor) { return true }
        return false
    }
}
