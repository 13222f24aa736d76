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
        let resolver = BaseResolver(
            store: store, registry: registry, policy: .always, origins: origins(), report: report)
        let found = try await resolver.resolve(reference.description, platform: platform, names: false)
        try await copy(
            found.manifest, from: try registry.repository(reference), to: store,
            progress: TransferReport(.pull, report).event)
        // Only now: what is not whole has no name.
        try await store.tag(found.manifest, as: reference.withDefaultTag())
        return found.manifest
    }

    /// Pushes an image of the store to the registry that `reference` names (or to `destination`), and returns its
    /// manifest. Blobs that the registry has are not sent, and those that another of its repositories is known to have
    /// are taken from there; what the store lacks is passed on from where it is.
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
        try await noteMountSources(for: manifest, in: repository, at: target)
        let tally = PushTally(into: repository, report)
        try await copy(manifest, from: reachable([reference]), to: repository, progress: tally.event)
        if let bytes = try? await store.bytes(of: manifest) { repository.remember(bytes, of: manifest) }
        try await repository.tag(manifest, as: target)
        // The image is there; that this could not be written down only makes a later push send more.
        try? await noteOrigin(of: manifest, at: target)
        tally.finish(target)
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
}
