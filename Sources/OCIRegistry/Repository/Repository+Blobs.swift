import OCIContent
import OCISpec
import Synchronization

extension Repository: BlobSource {
    /// Asks the registry, without reading the blob. What it may not tell us counts as absent: a push will say why.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        let kind = Self.isManifest(blob) ? "manifests" : "blobs"
        var request = HTTPRequest("HEAD", address("\(kind)/\(blob.digest)"))
        if kind == "manifests" { request.headers = [("Accept", blob.mediaType.rawValue)] }
        let subject = "\(registry)/\(name)@\(blob.digest)"
        let response = try await exchange(subject, .pull, request)
        switch response.status {
        case 200..<300:
            client.mountSources.note(blob.digest, domain: registry, repository: name)
            absent.remove(blob.digest)
            return true
        case 401, 403, 404:
            absent.insert(blob.digest)
            return false
        default: throw refusal(response, subject)
        }
    }

    /// Streams a blob or manifest and verifies it. A broken connection is taken up where it broke.
    public func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let subject = "\(registry)/\(name)@\(blob.digest)"
        guard blob.digest.algorithm == .sha256 else {
            throw RegistryError(
                code: "UNSUPPORTED", subject: subject, message: "only content named by SHA-256 can be verified here")
        }
        guard blob.size >= 0 else {
            throw RegistryError(code: "SIZE_MISMATCH", subject: subject, message: "a size of \(blob.size) bytes")
        }
        if Self.isManifest(blob) {
            let bytes = try await manifestBytes(blob)
            try await Cancellation.blocking { _ in try bytes.withUnsafeBytes(body) }
            return
        }
        // A configuration is read to know the image, and once more to be kept.
        if Self.isConfiguration(blob), let bytes = manifests.bytes(blob.digest), Int64(bytes.count) == blob.size {
            return try await Cancellation.blocking { _ in try bytes.withUnsafeBytes(body) }
        }
        let copy = Self.isConfiguration(blob) ? HeldBytes() : nil
        let download = BlobDownload(blob, subject: subject) { piece in
            try body(piece)
            copy?.append(piece)
        }
        do {
            try await client.retries.run(progress: { download.delivered }) {
                try await Cancellation.blocking { [self] cancellation in try download.attempt(self, cancellation) }
            }
        } catch let failure as BlobDownload.ConsumerFailure {
            throw failure.cause
        }
        try download.verify()
        client.mountSources.note(blob.digest, domain: registry, repository: name)
        if let copy { manifests.keep(copy.bytes, digest: blob.digest) }
    }

    private static func isConfiguration(_ blob: Descriptor) -> Bool {
        blob.mediaType.isConfig && blob.size <= 256 << 10
    }

    static func isManifest(_ blob: Descriptor) -> Bool { blob.mediaType.isIndex || blob.mediaType.isManifest }
}

/// Bytes of a small blob, kept while they pass.
private final class HeldBytes: Sendable {
    private let content = Mutex<[UInt8]>([])

    func append(_ piece: UnsafeRawBufferPointer) { content.withLock { $0.append(contentsOf: piece) } }

    var bytes: [UInt8] { content.withLock { $0 } }
}
