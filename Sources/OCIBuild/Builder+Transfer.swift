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
        let lease = try store.lease()
        defer { withExtendedLifetime(lease) {} }
        let resolver = BaseResolver(store: store, registry: registry, policy: .always, report: report)
        let found = try await resolver.resolve(reference.description, platform: platform)
        try await copy(found.manifest, from: registry.repository(reference), to: store) { report(.init(pulling: $0)) }
        return found.manifest
    }

    /// Pushes an image of the store to the registry that `reference` names (or to `destination`), and returns its
    /// manifest. Blobs that the registry has are not sent.
    @discardableResult
    public func push(
        _ reference: Reference, to destination: Reference? = nil,
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> Descriptor {
        let lease = try store.lease()
        defer { withExtendedLifetime(lease) {} }
        let manifest = try await store.resolve(reference.withDefaultTag())
        let target = (destination ?? reference).withDefaultTag()
        let repository = registry.repository(target)
        try await copy(manifest, from: store, to: repository) { report(.init(pushing: $0)) }
        try await repository.tag(manifest, as: target)
        return manifest
    }

    /// Gives an image of the store another name.
    public func tag(_ reference: Reference, as name: Reference) async throws {
        let manifest = try await store.resolve(reference.withDefaultTag())
        try await store.tag(manifest, as: name.withDefaultTag())
    }

    /// Writes images of the store into one archive file, as `docker load` and `podman load` read it.
    public func save(_ references: [Reference], to path: String, format: ImageArchive.Format = .docker) async throws {
        var images: [(Reference, Descriptor)] = []
        for reference in references {
            let name = reference.withDefaultTag()
            images.append((name, try await store.resolve(name)))
        }
        try await ImageArchive.write(images, from: store, to: Path(path), format: format)
    }

    /// Reads the images of an archive file into the store, and returns their names.
    public func load(
        _ path: String, report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> [(reference: Reference?, manifest: Descriptor)] {
        let lease = try store.lease()
        defer { withExtendedLifetime(lease) {} }
        let archive = try ImageArchive(path: Path(path))
        var loaded: [(Reference?, Descriptor)] = []
        for image in try await archive.images() {
            try await copy(image.manifest, from: archive, to: store) { report(.init(pulling: $0)) }
            for reference in image.references { try await store.tag(image.manifest, as: reference) }
            if image.references.isEmpty { loaded.append((nil, image.manifest)) }
            loaded += image.references.map { ($0, image.manifest) }
        }
        return loaded
    }
}
