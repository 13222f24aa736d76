import BuildEngine
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec

extension Builder {
    /// Brings an image from its registry into the store, layers and all, and returns its manifest.
    @discardableResult
    public func pull(
        _ reference: Reference, platform: Platform = .host, report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> Descriptor {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let resolver = BaseResolver(store: store, registry: registry, policy: .always, report: report)
        let found = try await resolver.resolve(reference.description, platform: platform, names: false)
        try await copy(
            found.manifest, from: try registry.repository(reference), to: store,
            progress: TransferReport(.pull, report).event)
        // Only now: what is not whole has no name.
        try await store.tag(found.manifest, as: reference.withDefaultTag())
        return found.manifest
    }

    /// Pushes an image of the store to the registry that `reference` names (or to `destination`), and returns its
    /// manifest. Blobs that the registry has are not sent.
    @discardableResult
    public func push(
        _ reference: Reference, to destination: Reference? = nil,
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> Descriptor {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let manifest = try await store.resolve(reference.withDefaultTag())
        let target = (destination ?? reference).withDefaultTag()
        let repository = try registry.repository(target)
        try await BlockingPool.shared.run { try noteMountSources(for: manifest, in: repository, at: target) }
        try await copy(manifest, from: store, to: repository, progress: TransferReport(.push, report).event)
        try await repository.tag(manifest, as: target)
        return manifest
    }

    /// Gives an image of the store another name.
    public func tag(_ reference: Reference, as name: Reference) async throws {
        let manifest = try await store.resolve(reference.withDefaultTag())
        try await store.tag(manifest, as: name.withDefaultTag())
    }

    /// Reads the images of an archive file, or of a folder with an OCI layout, into the store, and returns their names.
    public func load(
        _ path: String, report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> [(reference: Reference?, manifest: Descriptor)] {
        let lease = try await self.lease()
        defer { withExtendedLifetime(lease) {} }
        let source: any BlobSource
        let images: [ArchivedImage]
        if try FileSystem.status(Path(path), following: true).type == .directory {
            let layout = try ImageLayout(opening: path)
            source = layout
            images = try layout.images().map(ArchivedImage.init(listed:))
        } else {
            let archive = try await ImageArchive.open(file: path)
            source = archive
            images = archive.images
        }
        var loaded: [(Reference?, Descriptor)] = []
        for image in images {
            try await copy(image.descriptor, from: source, to: store, progress: TransferReport(.pull, report).event)
            for reference in image.references { try await store.tag(image.descriptor, as: reference) }
            if image.references.isEmpty { loaded.append((nil, image.descriptor)) }
            loaded += image.references.map { ($0, image.descriptor) }
        }
        return loaded
    }

    /// Tells the registry client which layers other images of the store share that came from the same registry, as
    /// those of the base do: they need not be sent again.
    func noteMountSources(for manifest: Descriptor, in repository: Repository, at target: Reference) throws {
        for (reference, descriptor) in try store.references()
        where reference.domain == target.domain && reference.repository != target.repository
            && descriptor.digest != manifest.digest
        {
            guard
                let bytes = try? FileSystem.readFile(
                    store.blobPath(descriptor.digest), limit: CanonicalJSON.defaultLimit),
                let other = try? CanonicalJSON.decode(ImageManifest.self, from: bytes)
            else { continue }
            repository.noteMountSource(reference.repository, for: other.layers.map(\.digest))
        }
    }
}
