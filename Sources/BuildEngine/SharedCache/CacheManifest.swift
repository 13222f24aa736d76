import Codecs
import FoundationEssentials
import Layers
import OCISpec

/// An entry of a shared cache as an ordinary OCI image, which every registry stores and every tool can copy: its layers
/// are the step's layer and one that holds the layer's shape; the entry itself is an annotation of the manifest, so that
/// looking it up takes one request.
struct CacheManifest {
    /// The annotation with the entry, as canonical JSON.
    static let entryKey = "org.ocibuild.cache.entry"
    /// The annotation with the signature of the entry, in base64.
    static let signatureKey = "org.ocibuild.cache.signature"
    /// Signed together with the entry, so that the key's signatures of other things are none of entries.
    private static let signaturePrefix = Array("ocibuild cache entry 1\n".utf8)
    /// The longest entry that is read, in bytes.
    private static let longestEntry = 64 << 10

    /// The manifest.
    let bytes: [UInt8]
    let descriptor: Descriptor
    /// The configuration that it names.
    let config: [UInt8]
    let configDescriptor: Descriptor

    /// The image of an entry.
    /// - Parameter layers: the blobs that the entry names, with the digests of what they hold.
    init(_ entry: CacheEntry, layers: [(layer: Descriptor, diffID: Digest)], keys: SigningKeys?) throws {
        let created = RFC3339.format(entry.created)
        let text = try CanonicalJSON.encode(entry)
        var annotations = [Self.entryKey: String(decoding: text, as: UTF8.self)]
        if let signature = try keys?.sign(Self.signaturePrefix + text) {
            annotations[Self.signatureKey] = Data(signature).base64EncodedString()
        }
        annotations[AnnotationKey.created] = created
        annotations[AnnotationKey.description] = "An entry of a build cache of ocibuild"
        var image = ImageConfig(platform: .host)
        image.created = created
        image.rootfs = RootFS(diffIDs: layers.map(\.diffID))
        image.history = layers.map { _ in
            History(created: created, createdBy: "ocibuild build cache", emptyLayer: nil)
        }
        config = try CanonicalJSON.encode(image)
        configDescriptor = Descriptor(
            mediaType: .ociConfig, digest: .sha256(of: config), size: Int64(config.count))
        bytes = try CanonicalJSON.encode(
            ImageManifest(config: configDescriptor, layers: layers.map(\.layer.bare), annotations: annotations))
        descriptor = Descriptor(mediaType: .ociManifest, digest: .sha256(of: bytes), size: Int64(bytes.count))
    }

    /// The entry in a manifest that was found under `tag`, if it may be used.
    /// - Parameter keys: one of them must have signed it; nil where signatures do not matter.
    static func entry(in bytes: [UInt8], tag: String, keys: SigningKeys?) throws(CacheRefusal) -> CacheEntry {
        func invalid(_ message: String) -> CacheRefusal {
            CacheRefusal(reason: .invalid, subject: tag, message: message)
        }
        guard let manifest = try? CanonicalJSON.decode(ImageManifest.self, from: bytes),
            let text = manifest.annotations?[entryKey], text.utf8.count <= longestEntry
        else { throw invalid("is an image, and no entry of a cache") }
        if let keys {
            guard let encoded = manifest.annotations?[signatureKey], let signature = Data(base64Encoded: encoded) else {
                throw CacheRefusal(reason: .unsigned, subject: tag, message: "is not signed")
            }
            guard keys.verifies(signaturePrefix + Array(text.utf8), signature: Array(signature)) else {
                throw CacheRefusal(reason: .unsigned, subject: tag, message: "is not signed by a key that is trusted")
            }
        }
        guard let entry = try? CanonicalJSON.decode(CacheEntry.self, from: Array(text.utf8)) else {
            throw invalid("its text is not an entry's")
        }
        guard entry.version == CacheEntry.currentVersion else {
            throw invalid("has version \(entry.version), and this program reads version \(CacheEntry.currentVersion)")
        }
        // Whoever can write tags could put the entry of one step in the place of another's.
        guard entry.tag == tag else { throw invalid("was not made for this tag") }
        guard (entry.diffID == nil) == (entry.step?.layer == nil) || entry.step == nil && entry.diffID != nil else {
            throw invalid("names a layer by its blob or by its content, and not by both")
        }
        for blob in [entry.step?.layer, entry.shape].compactMap({ $0 }) {
            guard blob.digest.algorithm == .sha256, blob.size >= 0 else { throw invalid("names a blob that cannot be") }
            // What the manifest does not name the registry may have thrown away.
            guard manifest.layers.contains(where: { $0.digest == blob.digest && $0.size == blob.size }) else {
                throw invalid("speaks of a blob \(blob.digest) that its manifest does not name")
            }
        }
        return entry
    }

    /// When the entry in a manifest was made, whatever its version and whoever signed it; nil where it is none.
    static func created(_ bytes: [UInt8]) -> Int64? {
        struct Age: Decodable { let created: Int64 }
        guard let manifest = try? CanonicalJSON.decode(ImageManifest.self, from: bytes),
            let text = manifest.annotations?[entryKey]
        else { return nil }
        return try? CanonicalJSON.decode(Age.self, from: Array(text.utf8)).created
    }
}
