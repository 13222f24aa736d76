import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec

extension Builder {
    /// Where blobs that the store lacks may be had, as it remembers.
    /// - Parameter names: names of the image that is read: its own repositories are asked when nothing else helps.
    func origins(of names: [Reference] = []) -> OriginSource {
        OriginSource(
            BlobOrigins(storeRoot: Path(root)), lastResorts: names.map(\.name), open: Self.opener(registry))
    }

    /// The store, with what it lacks read from where that is.
    func reachable(_ names: [Reference] = []) -> ReachableStore { ReachableStore(store, origins(of: names)) }

    /// Opens the places that ``BlobOrigins`` remembers.
    static func opener(_ registry: RegistryClient) -> OriginSource.Opener {
        { place in
            guard place.hasPrefix(BlobOrigins.layoutPrefix) else {
                return try registry.repository(Reference(parsing: place))
            }
            return try ImageLayout(opening: String(place.dropFirst(BlobOrigins.layoutPrefix.count)))
        }
    }

    /// The layers of an image whose documents are in the store; of an index, those of the platforms that are.
    func layers(of root: Descriptor) async -> [Digest] {
        if root.mediaType.isIndex {
            var found: [Digest] = []
            for child in (try? await store.index(of: root).manifests) ?? [] where child.mediaType.isManifest {
                found += await layers(of: child)
            }
            return found
        }
        return (try? await store.manifest(of: root))?.layers.map(\.digest) ?? []
    }

    /// Remembers that the image's layers may be had from the repository of that name.
    func noteOrigin(of manifest: Descriptor, at name: Reference) async throws {
        let digests = await layers(of: manifest)
        try await BlockingPool.shared.run { [root] in
            try BlobOrigins(storeRoot: Path(root)).note(digests, at: name.name)
        }
    }

    /// Tells the registry client which layers of an image other repositories of the same registry have: those that came
    /// from there or were pushed there, and those that images of the store share which came from the same registry, as
    /// those of the base do. They need not be sent again.
    func noteMountSources(for manifest: Descriptor, in repository: Repository, at target: Reference) async throws {
        let layers = await layers(of: manifest)
        try await BlockingPool.shared.run { [root, store] in
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
            // What is remembered of a blob itself is better than what names let guess: the latest is asked first.
            let origins = BlobOrigins(storeRoot: Path(root))
            for digest in layers {
                for place in origins.places(of: digest).reversed() {
                    guard let name = try? Reference(parsing: place), name.domain == target.domain else { continue }
                    repository.noteMountSource(name.repository, for: [digest])
                }
            }
        }
    }
}
