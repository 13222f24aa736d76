import Codecs
import LinuxSystem
import OCIContent
import OCISpec

/// Something to be shared: an entry, and what its blobs are made of.
struct CacheExport: Sendable {
    /// The entry, as yet without the blob of its shape.
    var entry: CacheEntry
    /// Makes the layer with the shape; called only where the entry is written. Nil where there is no shape.
    var shape: (@Sendable () async throws -> ShapeLayer?)?
    /// What the step's layer is read from.
    let source: any BlobSource
    /// The positions, in the list of exports, of what this step stands on.
    var inputs: [Int] = []
}

extension SharedCache {
    /// What the cache has under a tag that is about to be written: whatever is wrong with it counts as nothing.
    func present(_ tag: String) async throws -> CacheEntry? {
        do { return try await entry(tag) } catch is CacheRefusal { return nil }
    }

    /// Writes an entry. Blobs that the cache has, or that another repository of the registry has, are not sent.
    func write(_ export: CacheExport) async throws {
        var entry = export.entry
        var layers: [(layer: Descriptor, diffID: Digest)] = []
        if let blob = entry.step?.layer, let diffID = entry.diffID {
            try await contents.ingest(blob.descriptor, from: export.source)
            layers.append((blob.descriptor, diffID))
        }
        // Not every registry takes an image without layers.
        let shape = try await export.shape?()
        // Of a base's layer there is nothing but that to say.
        guard shape != nil || entry.step != nil else { return }
        if shape != nil || layers.isEmpty {
            let layer = try shape ?? ShapeLayer(nil)
            if shape != nil { entry.shape = CacheEntry.Blob(layer.descriptor) }
            layers.append((layer.descriptor, layer.diffID))
            try await put(layer.bytes, layer.descriptor)
        }
        let manifest = try CacheManifest(entry, layers: layers, keys: keys)
        try await put(manifest.config, manifest.configDescriptor)
        try await contents.put(manifest.bytes, manifest.descriptor, tagged: reference(entry.tag))
    }

    private func put(_ bytes: [UInt8], _ descriptor: Descriptor) async throws {
        try await contents.ingest(descriptor, from: HeldBlob(bytes: bytes))
    }
}

/// A blob whose bytes are at hand.
private struct HeldBlob: BlobSource {
    let bytes: [UInt8]

    func contains(_ blob: Descriptor) async throws -> Bool { true }

    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await BlockingPool.shared.run { [bytes] in try bytes.withUnsafeBytes(body) }
    }
}
