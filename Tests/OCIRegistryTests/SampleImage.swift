import Codecs
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization

/// A small image in memory: configuration and layers of random bytes, and the manifest that names them.
final class SampleImage: BlobSource {
    let manifest: Descriptor
    let layers: [Descriptor]
    let config: Descriptor
    private let blobs: [Digest: [UInt8]]

    init(layerSizes: [Int] = [300_000, 5], seed: UInt8 = 1) throws {
        var blobs: [Digest: [UInt8]] = [:]
        func keep(_ bytes: [UInt8], _ type: MediaType) -> Descriptor {
            let digest = Digest.sha256(of: bytes)
            blobs[digest] = bytes
            return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        }
        layers = layerSizes.map { keep(Self.random($0, seed: seed), .ociLayer) }
        let diffs = layers.map { "\"\($0.digest)\"" }.joined(separator: ",")
        config = keep(
            Array(
                #"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[\#(diffs)]}}"#
                    .utf8),
            .ociConfig)
        let document = ImageManifest(config: config, layers: layers)
        manifest = keep(try CanonicalJSON.encode(document), .ociManifest)
        self.blobs = blobs
    }

    /// Bytes that depend on the seed only.
    static func random(_ count: Int, seed: UInt8) -> [UInt8] {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    func bytes(_ digest: Digest) -> [UInt8] { blobs[digest] ?? [] }

    func contains(_ blob: Descriptor) async throws -> Bool { blobs[blob.digest] != nil }

    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws {
        try bytes(blob.digest).withUnsafeBytes(body)
    }
}

/// A source with one file.
struct FileSource: BlobSource {
    let file: BlobFile
    func contains(_ blob: Descriptor) async throws -> Bool { true }
    func file(of blob: Descriptor) async throws -> BlobFile? { file }
    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws {}
}

/// Collects streamed bytes.
final class Sink: Sendable {
    private let content = Mutex<[UInt8]>([])

    func append(_ bytes: UnsafeRawBufferPointer) { content.withLock { $0.append(contentsOf: bytes) } }

    var bytes: [UInt8] { content.withLock { $0 } }
}

/// The code of the `RegistryError` that the body throws; nil if it throws none.
func registryError(_ body: () async throws -> Void) async -> RegistryError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? RegistryError
    }
}

extension RegistryOptions {
    /// Plain http to these hosts, no credentials, hardly any pauses.
    static func test(plain hosts: String..., environment: [String: String] = [:]) -> RegistryOptions {
        var options = RegistryOptions()
        options.plainHTTPHosts = Set(hosts)
        options.environment = environment
        options.certificateDirectories = []
        options.firstPause = 0.01
        options.longestPause = 0.05
        return options
    }
}
