import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

extension Repository: BlobTarget, ReferenceStore {
    /// A registry refuses a manifest whose blobs it does not have.
    public var keepsImagesWhole: Bool { true }

    /// Brings a blob or manifest to the registry: not at all if it is there, by reference if another repository of the
    /// same registry is known to have it, else by sending it.
    public func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let subject = "\(registry)/\(name)@\(blob.digest)"
        if Self.isManifest(blob) {
            let bytes = try await source.bytes(of: blob, limit: Self.manifestLimit)
            try await putManifest(bytes, as: blob.digest.description, blob, subject: subject)
            progress(blob.size)
            return
        }
        // A copy has usually just asked.
        if !absent.remove(blob.digest), try await contains(blob) { return }
        absent.remove(blob.digest)
        var offered: HTTPResponse?
        for other in mountSources(of: blob.digest, source) {
            let answer = try await mount(blob, from: other)
            if answer?.status == 201 {
                mounted.withLock { $0[blob.digest] = other }
                client.mountSources.note(blob.digest, domain: registry, repository: name)
                progress(blob.size)
                return
            }
            // 202: no mount, but a session to send it in.
            if answer?.status == 202 { offered = answer }
        }
        let upload = BlobUpload(blob, repository: self, subject: subject, offered: offered, progress: progress)
        try await send(blob, from: source, by: upload)
        client.mountSources.note(blob.digest, domain: registry, repository: name)
    }

    private func mountSources(of digest: Digest, _ source: any BlobSource) -> [String] {
        if let source = source as? Repository, source.registry == registry, source.name != name { return [source.name] }
        return client.mountSources.sources(of: digest, domain: registry, otherThan: name)
    }

    // MARK: Sending

    /// Blobs up to this size are held in memory, where they can be sent again.
    private static var heldSize: Int64 { 1 << 20 }

    private func send(_ blob: Descriptor, from source: any BlobSource, by upload: BlobUpload) async throws {
        if let file = try await source.file(of: blob) {
            guard file.size == blob.size else {
                throw RegistryError(
                    code: "SIZE_MISMATCH", subject: blob.digest.description,
                    message: "\(file.location) has \(file.size) bytes of it, its descriptor says \(blob.size)",
                    nextStep: "check the local store")
            }
            return try await send(.file(file), by: upload)
        }
        if blob.size <= Self.heldSize {
            let bytes = try await source.bytes(of: blob, limit: Int(Self.heldSize))
            return try await send(.bytes(bytes), by: upload)
        }
        do {
            try await client.retries.run { try await relay(blob, from: source, by: upload) }
        } catch let failure as SourceFailure {
            throw failure.cause
        } catch is BlobUpload.NeedsChunks {
            let spool = try await Spool.of(blob, from: source)
            try await send(.file(spool.file), by: upload)
            withExtendedLifetime(spool) {}
        }
    }

    private func send(_ content: BlobUpload.Content, by upload: BlobUpload) async throws {
        try await client.retries.run {
            try await Cancellation.blocking { cancellation in try upload.attempt(content, cancellation) }
        }
    }

    /// Wraps what the source fails with: it has done its own retries.
    private struct SourceFailure: Error {
        let cause: any Error
    }

    /// One try to pass a blob on as it comes.
    private func relay(_ blob: Descriptor, from source: any BlobSource, by upload: BlobUpload) async throws {
        let relay = try BlobRelay(size: blob.size)
        async let sent: Void = take(relay, by: upload)
        do {
            try await source.stream(blob) { try relay.write($0) }
            try await BlockingPool.shared.run { try relay.finish() }
        } catch is BlobRelay.ReaderGone {
            // The other side says why.
        } catch {
            relay.abandon()
            _ = try? await sent
            throw SourceFailure(cause: error)
        }
        try await sent
    }

    private func take(_ relay: BlobRelay, by upload: BlobUpload) async throws {
        // Whatever ends the sending, the receiving must not wait for it.
        defer { relay.stop() }
        try await Cancellation.blocking { cancellation in try upload.attempt(.relay(relay), cancellation) }
    }

    /// Asks for a blob of another repository. Registries that do not do it, or not for this account, say so in many
    /// ways, none of which is an error: the blob is sent then.
    private func mount(_ blob: Descriptor, from other: String) async throws -> HTTPResponse? {
        let url = address("blobs/uploads/").adding(query: "mount=\(WebAddress.escaped(blob.digest.description))")
            .adding(query: "from=\(WebAddress.escaped(other))")
        var request = HTTPRequest("POST", url)
        request.body = .bytes([])
        let scope = scope(.push, mountSource: other)
        do {
            return try await Cancellation.blocking { [session, request] cancellation in
                try session.send(request, scope: scope, cancellation: cancellation)
            }
        } catch is RegistryError {
            return nil
        }
    }
}

/// A blob from elsewhere in a temporary file, where it can be read in any order.
private struct Spool: Sendable {
    let file: BlobFile
    private let folder: TemporaryDirectory

    static func of(_ blob: Descriptor, from source: any BlobSource) async throws -> Spool {
        let folder = try TemporaryDirectory(prefix: "ocibuild-upload-")
        let path = folder.path / "blob"
        let writer = try SpoolWriter(path)
        try await source.stream(blob) { try writer.write($0) }
        return Spool(file: BlobFile(path: path, offset: 0, size: blob.size), folder: folder)
    }
}

private final class SpoolWriter: Sendable {
    private let descriptor: OwnedDescriptor

    init(_ path: Path) throws { descriptor = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600) }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try descriptor.writeAll(bytes) }
}
