import Archive
import Codecs
import Layers
import LinuxSystem
import OCISpec
import Testing

@testable import BuildEngine

@Suite("Entries of shared caches")
struct CacheManifestTests {
    static let key = StepKey(hex: String(repeating: "ab", count: 32))
    static let codec = "gzip+test-1"
    static let tag = CacheEntry.tag(step: key, codec: codec)
    private static let layer = Descriptor(mediaType: .ociLayerGzip, digest: .sha256(of: [1]), size: 10)
    private static let diffID = Digest.sha256(of: [2])

    static func entry() -> CacheEntry {
        CacheEntry(
            step: CacheEntry.Step(
                key: key.hex, codec: codec, parent: "empty", source: nil, uncompressedSize: 1024,
                layer: CacheEntry.Blob(layer)),
            diffID: diffID, created: 1_700_000_000)
    }

    private func manifest(_ entry: CacheEntry, keys: SigningKeys? = nil) throws -> CacheManifest {
        try CacheManifest(entry, layers: [(Self.layer, Self.diffID)], keys: keys)
    }

    static func newKeys() throws -> (both: SigningKeys, open: SigningKeys) {
        let both = try ChildProcess.run(["openssl", "genpkey", "-algorithm", "ed25519"])
        let open = try ChildProcess.run([
            "/bin/sh", "-c", "printf %s \"$1\" | openssl pkey -pubout", "sh",
            String(decoding: both.output, as: UTF8.self),
        ])
        try #require(both.status == 0 && open.status == 0, "the package openssl is needed")
        return (try SigningKeys(pem: both.output), try SigningKeys(pem: open.output))
    }

    private func refusal(
        _ bytes: [UInt8], tag: String = tag, keys: SigningKeys? = nil
    ) -> CacheRefusal.Reason? {
        do throws(CacheRefusal) {
            _ = try CacheManifest.entry(in: bytes, tag: tag, keys: keys)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("an entry is an ordinary image, and is read back; tags are valid, and differ by key and codec")
    func roundTrip() throws {
        let manifest = try manifest(Self.entry())
        #expect(try CacheManifest.entry(in: manifest.bytes, tag: Self.tag, keys: nil) == Self.entry())
        #expect(CacheManifest.created(manifest.bytes) == 1_700_000_000)
        let decoded = try CanonicalJSON.decode(ImageManifest.self, from: manifest.bytes)
        #expect(decoded.mediaType == .ociManifest && decoded.config.mediaType == .ociConfig)
        #expect(decoded.layers == [Self.layer])
        let config = try CanonicalJSON.decode(ImageConfig.self, from: manifest.config)
        #expect(config.rootfs.diffIDs == [Self.diffID])
        let other = StepKey(hex: String(repeating: "cd", count: 32))
        let tags = [
            Self.tag, CacheEntry.tag(step: other, codec: Self.codec), CacheEntry.tag(step: Self.key, codec: "zstd"),
            CacheEntry.tag(layer: Self.diffID),
        ]
        #expect(Set(tags).count == tags.count)
        for tag in tags { #expect(try Reference(parsing: "r.example/c:\(tag)").tag == tag) }
    }

    @Test("an entry under a tag that it was not made for is refused, as is one that contradicts itself")
    func misplaced() throws {
        let bytes = try manifest(Self.entry()).bytes
        let other = StepKey(hex: String(repeating: "cd", count: 32))
        #expect(refusal(bytes, tag: CacheEntry.tag(step: other, codec: Self.codec)) == .invalid)
        #expect(refusal(bytes, tag: CacheEntry.tag(step: Self.key, codec: "zstd")) == .invalid)
        #expect(refusal(bytes, tag: CacheEntry.tag(layer: Self.diffID)) == .invalid)

        func changed(_ change: (inout CacheEntry) -> Void) throws -> CacheRefusal.Reason? {
            var entry = Self.entry()
            change(&entry)
            return refusal(try manifest(entry).bytes, tag: entry.tag)
        }
        #expect(try changed { _ in } == nil)
        #expect(try changed { $0.version = 2 } == .invalid)
        #expect(try changed { $0.diffID = nil } == .invalid)
        #expect(try changed { $0.step?.layer = nil } == .invalid)
        // A blob that the manifest does not name may be gone, or never have been there.
        #expect(try changed { $0.step?.layer?.digest = .sha256(of: [9]) } == .invalid)
        #expect(try changed { $0.step?.layer?.size = 11 } == .invalid)
        #expect(try changed { $0.shape = CacheEntry.Blob(Self.layer) } == nil)
    }

    @Test("what is no entry is refused")
    func strange() throws {
        let image = ImageManifest(
            config: Descriptor(mediaType: .ociConfig, digest: .sha256(of: [3]), size: 3), layers: [Self.layer])
        #expect(refusal(try CanonicalJSON.encode(image)) == .invalid)
        #expect(CacheManifest.created(try CanonicalJSON.encode(image)) == nil)
        for text in ["", "{}", "[]", #"{"version":1}"#, String(repeating: " ", count: 100_000)] {
            var image = image
            image.annotations = [CacheManifest.entryKey: text]
            #expect(refusal(try CanonicalJSON.encode(image)) == .invalid)
        }
        #expect(refusal([]) == .invalid)
    }

    @Test("with keys only what they signed is used: nothing without, with another's, or with a changed text")
    func signatures() throws {
        let (both, open) = try Self.newKeys()
        let (stranger, _) = try Self.newKeys()
        let signed = try manifest(Self.entry(), keys: both).bytes
        #expect(refusal(signed) == nil && refusal(signed, keys: both) == nil && refusal(signed, keys: open) == nil)
        #expect(refusal(signed, keys: stranger) == .unsigned)
        #expect(refusal(try manifest(Self.entry()).bytes, keys: open) == .unsigned)
        #expect(refusal(try manifest(Self.entry(), keys: stranger).bytes, keys: open) == .unsigned)
        // Its own signature of another entry.
        var entry = Self.entry()
        entry.created += 1
        var forged = try CanonicalJSON.decode(ImageManifest.self, from: manifest(entry).bytes)
        let genuine = try CanonicalJSON.decode(ImageManifest.self, from: signed)
        forged.annotations?[CacheManifest.signatureKey] = genuine.annotations?[CacheManifest.signatureKey]
        #expect(refusal(try CanonicalJSON.encode(forged), keys: open) == .unsigned)
        // Signed, but put where it does not belong.
        let elsewhere = CacheEntry.tag(step: StepKey(hex: String(repeating: "cd", count: 32)), codec: Self.codec)
        #expect(refusal(signed, tag: elsewhere, keys: open) == .invalid)
    }

    @Test("the layer of a shape is one that any tool reads, the same each time")
    func shapeLayer() throws {
        let table = TableOfContents(
            entries: [TableEntry(ArchiveEntry(path: "a", type: .directory, mode: 0o755))], whiteouts: ["b"])
        let layer = try ShapeLayer(table)
        #expect(try ShapeLayer.shape(in: layer.bytes) == table.shape)
        #expect(try ShapeLayer(table).descriptor == layer.descriptor)
        #expect(layer.descriptor.digest == .sha256(of: layer.bytes))
        #expect(throws: (any Error).self) { try ShapeLayer.shape(in: Array(layer.bytes.dropLast(9))) }
        #expect(throws: LayersError.self) { try ShapeLayer.shape(in: ShapeLayer(nil).bytes) }
        // A file of another name, or more of them, is no shape.
        let output = BytesWriter()
        let writer = LayerWriter(output, options: .init(compression: .none, threads: 1))
        try writer.append(ArchiveEntry(path: "x", type: .regular), bytes: table.encodeShape())
        _ = try writer.finish()
        #expect(throws: LayersError.self) { try ShapeLayer.shape(in: output.bytes) }
    }
}
