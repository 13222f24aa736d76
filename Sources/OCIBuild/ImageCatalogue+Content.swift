import Catalogue
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization

extension ImageCatalogue {
    /// What happens while an image's content goes to its repository.
    public enum Progress: Sendable {
        /// The image has its id and name.
        case named(CatalogueImage)
        /// These layers will be considered, the topmost first, by the first 12 digits of their DiffIDs.
        case preparing([String])
        /// A layer is in its place; `isNew` is false for one that the registry had, there or elsewhere.
        case layer(String, isNew: Bool)
        /// All is there, and named.
        case pushed(Descriptor)
        /// The creation failed, and the name could not be given back: the image stays, without content.
        case left(CatalogueImage)
    }

    /// What became of the content of an image that was deleted.
    public enum Removal: Sendable {
        /// The image had none.
        case nothing
        /// The registry no longer shows it.
        case removed
        /// The registry keeps it, for this reason.
        case kept(String)
    }

    /// What a pull brought.
    public struct PulledImage: Sendable {
        /// The name that it has in the store now.
        public let name: Reference
        /// Its manifest.
        public let manifest: Descriptor
        /// False where the store had it under that name already.
        public let isNew: Bool
    }

    /// Makes an image of one of the store: gives it an id and a name, pushes the content to a repository of its own,
    /// and commits it. Should that fail midway, the name is given back.
    /// - Parameters:
    ///   - source: the image in the store, by name, digest or the beginning of its id.
    ///   - commits: false to leave the image open after its content was pushed; ``commit(_:from:report:)`` closes it.
    public func create(
        _ name: String, from source: String, description: String = "", readme: String = "", commits: Bool = true,
        report: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> CatalogueImage {
        let manifest = try await builder.find(source)
        let catalogue = try catalogue(nil)
        let image = try await catalogue.create(
            name: name, originalTag: source, description: description, readme: readme, by: user)
        do {
            report(.named(image))
            try await push(manifest, for: image, report)
            guard commits else { return image }
            return try await catalogue.commit(image.id, content: manifest, by: user)
        } catch {
            // Not cancelled with what failed, but not for long either.
            let user = user
            let withdrawal = Task { try await catalogue.delete(image.id, by: user) }
            let limit = Task {
                try await Task.sleep(for: .seconds(10))
                withdrawal.cancel()
            }
            if case .failure = await withdrawal.result { report(.left(image)) }
            limit.cancel()
            throw error
        }
    }

    /// Makes an image without content, which ``commit(_:from:report:)`` gives it.
    public func reserve(
        _ name: String, originalTag: String = "", description: String = "", readme: String = ""
    ) async throws -> CatalogueImage {
        try await catalogue(nil).create(
            name: name, originalTag: originalTag, description: description, readme: readme, by: user)
    }

    /// Gives an open image its content, for ever: that image of the store, which is pushed first, or what lies at the
    /// tag `latest` of its repository.
    public func commit(
        _ image: CatalogueImage, from source: String? = nil,
        report: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> CatalogueImage {
        if let time = image.committed {
            throw CatalogueError(
                .committed, image.name, "was committed \(time), and does not change any more; create another image")
        }
        let content: Descriptor
        if let source {
            content = try await builder.find(source)
            report(.named(image))
            try await push(content, for: image, report)
        } else {
            let place = repository(of: image)
            do {
                content = try await builder.registry.repository(place).resolve(place)
            } catch let error as RegistryError where error.status == 404 {
                throw CatalogueError(
                    .uncommitted, image.name,
                    "has no content: push it to \(place), or name an image here: image commit \(image.name) SOURCE")
            }
        }
        return try await catalogue(image.workspace).commit(image.id, content: content, by: user)
    }

    /// Brings an image's content into the store, verified against the digest that it was committed with.
    /// - Parameter name: what it is called there; nil for its repository's own name, which overwrites nothing.
    public func pull(
        _ image: CatalogueImage, as name: Reference? = nil, platform: Platform = .host,
        report: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> PulledImage {
        guard let content = image.content else {
            throw CatalogueError(
                .uncommitted, image.name, "has no content yet: `image commit \(image.name)` gives it some")
        }
        let lease = try await builder.lease()
        defer { withExtendedLifetime(lease) {} }
        let place = repository(of: image)
        let name = (name ?? place).withDefaultTag()
        let known = try? await builder.store.resolve(name)
        let manifest = try await copy(
            content, from: try builder.registry.repository(place), to: builder.store, platform: platform,
            progress: TransferReport(.pull, report).event)
        try await builder.store.tag(manifest, as: name)
        try? await builder.noteOrigin(of: manifest, at: place)
        if let made = try? await builder.platform(of: manifest), !platform.matches(made) {
            report(
                .warning("\(image.name) is made for \(made), and not for \(platform): its commands may not run here"))
        }
        return PulledImage(name: name, manifest: manifest, isNew: known?.digest != manifest.digest)
    }

    /// Takes an image out of the catalogue, and its content out of the registry where that allows it.
    public func delete(_ image: CatalogueImage) async throws -> Removal {
        try await catalogue(image.workspace).delete(image.id, by: user)
        guard let content = image.content else { return .nothing }
        do {
            try await builder.registry.repository(repository(of: image)).removeManifest(content.digest)
            return .removed
        } catch let error as RegistryError where error.status == 404 {
            return .removed
        } catch let error as RegistryError {
            return .kept(error.description)
        }
    }

    private func push(
        _ manifest: Descriptor, for image: CatalogueImage, _ report: @escaping @Sendable (Progress) -> Void
    ) async throws {
        let lease = try await builder.lease()
        defer { withExtendedLifetime(lease) {} }
        let place = repository(of: image)
        let target = try builder.registry.repository(place)
        try await builder.noteMountSources(for: manifest, in: target, at: place)
        let layers = try await LayerNames(of: manifest, in: builder.store)
        report(.preparing(layers.topmostFirst))
        let reported = Mutex<Set<Digest>>([])
        @Sendable func done(_ blob: Descriptor, isNew: Bool) {
            guard let id = layers.names[blob.digest], reported.withLock({ $0.insert(blob.digest).inserted }) else {
                return
            }
            report(.layer(id, isNew: isNew))
        }
        let names = try builder.store.references().filter { $0.descriptor.digest == manifest.digest }
        try await copy(manifest, from: builder.reachable(names.map(\.reference)), to: target) { event in
            switch event {
            case .skipped(let blob): done(blob, isNew: false)
            case .finished(let blob): done(blob, isNew: !target.hasMounted(blob.digest))
            case .planned, .progress: break
            }
        }
        try await target.tag(manifest, as: place)
        try? await builder.noteOrigin(of: manifest, at: place)
        // A push that found the whole image there was told of no layer.
        for (digest, id) in layers.names where reported.withLock({ $0.insert(digest).inserted }) {
            report(.layer(id, isNew: false))
        }
        report(.pushed(manifest))
    }
}

extension Builder {
    /// What an image of the store is made for.
    fileprivate func platform(of manifest: Descriptor) async throws -> Platform {
        try await store.config(of: try await store.manifest(of: manifest).config).platform
    }
}

/// The layers of an image as Docker names them: by the first digits of their DiffIDs.
private struct LayerNames: Sendable {
    private(set) var names: [Digest: String] = [:]
    private(set) var topmostFirst: [String] = []

    init(of root: Descriptor, in store: LocalStore) async throws {
        var manifests = [root]
        if root.mediaType.isIndex { manifests = try await store.index(of: root).manifests }
        for descriptor in manifests where descriptor.mediaType.isManifest {
            // Of an index, the store may have only some platforms; then the push itself says what is missing.
            guard let manifest = try? await store.manifest(of: descriptor) else { continue }
            let identities = (try? await store.config(of: manifest.config))?.rootfs.diffIDs ?? []
            for (number, layer) in manifest.layers.enumerated() {
                let name = String((number < identities.count ? identities[number] : layer.digest).hex.prefix(12))
                if names.updateValue(name, forKey: layer.digest) == nil { topmostFirst.insert(name, at: 0) }
            }
        }
    }
}
