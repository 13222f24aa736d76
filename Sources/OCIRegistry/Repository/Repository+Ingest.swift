import Glibc
import LinuxSystem
import OCIContent
import OCISpec

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
        if let other = mountSource(of: blob.digest, source) {
            let answer = try await mount(blob, from: other)
            if answer?.status == 201 {
                mounted.insert(blob.digest)
                client.mountSources.note(blob.digest, domain: registry, repository: name)
                progress(blob.size)
                return
            }
            // 202: no mount, but a session to send it in.
            offered = answer?.status == 202 ? answer : nil
        }
        let spool = try await Spool.of(blob, from: source)
        let upload = BlobUpload(
            blob, file: spool.file, repository: self, subject: subject, offered: offered, progress: progress)
        try await client.retries.run {
            try await Cancellation.blocking { cancellation in try upload.attempt(cancellation) }
        }
        withExtendedLifetime(spool) {}
        client.mountSources.note(blob.digest, domain: registry, repository: name)
    }

    private func mountSource(of digest: Digest, _ source: any BlobSource) -> String? {
        if let source = source as? Repository, source.registry == registry, source.name != name { return source.name }
        return client.mountSources.source(of: digest, domain: registry, otherThan: name)
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

/// A blob as a file that can be sent again, copied to a temporary one where the source has none.
private struct Spool: Sendable {
    let file: BlobFile
    private let folder: TemporaryDirectory?

    static func of(_ blob: Descriptor, from source: any BlobSource) async throws -> Spool {
        if let file = try await source.file(of: blob) {
            guard file.size == blob.size else {
                throw RegistryError(
                    code: "SIZE_MISMATCH", subject: blob.digest.description,
                    message: "\(file.location) has \(file.size) bytes of it, its descriptor says \(blob.size)",
                    nextStep: "check the local store")
            }
            return Spool(file: file, folder: nil)
        }
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
