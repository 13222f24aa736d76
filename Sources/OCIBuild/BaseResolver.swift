import BuildEngine
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec

/// Finds base images: in the store, in an OCI layout folder (`oci:PATH` or `oci-layout://PATH`), or in a registry.
struct BaseResolver: Sendable {
    let store: LocalStore
    let registry: RegistryClient
    let policy: BuildOptions.PullPolicy
    /// What to use in the place of what is asked for.
    var map: [BaseMapping] = []
    let origins: OriginSource
    let report: @Sendable (BuildEvent) -> Void

    /// The image that `name` names, or the one that takes its place, for `platform`. Manifest and configuration are in the
    /// store afterwards, layers need not be. With `names`, one that came from a registry gets its name in the store.
    func resolve(
        _ name: String, platform: Platform, names: Bool = true
    ) async throws -> (base: ResolvedBase, manifest: Descriptor) {
        var text = name
        if let mapping = map.first(where: { $0.matches(name) }) {
            text = mapping.reference
            report(.note("\(name) is replaced by \(text), as the base map says (\(mapping.pattern)=\(text))"))
        }
        for prefix in ["oci-layout://", "oci:"] where text.hasPrefix(prefix) {
            let (directory, selector) = try ImageLayout.split(String(text.dropFirst(prefix.count)))
            let layout = try ImageLayout(opening: directory)
            let descriptor = try layout.select(selector)
            let found = try await load(text, descriptor, from: layout, platform: platform)
            if let place = BlobOrigins.place(layout: try FileSystem.canonical(Path(directory))) {
                try await note(found.base, at: place)
            }
            return found
        }
        let reference = try Reference(parsing: text).withDefaultTag()
        if policy != .always, let known = try? store.find(reference) {
            // The store may lack layers that were never needed; they come from where the image came from.
            let source = ReachableStore(store, origins.trying(reference.name))
            // An image of the right name may be for another platform; then the registry may have the right one.
            do {
                let found = try await load(text, known, from: source, platform: platform)
                if platform.matches(found.base.config.platform) {
                    try await note(found.base, at: reference.name, onlyIfUnknown: true)
                    return found
                }
            } catch let error as EngineError {
                // What is wrong with the image itself is not mended by asking elsewhere.
                throw error
            } catch is CancellationError {
                throw CancellationError()
            } catch {}
        }
        guard policy != .never else {
            throw EngineError(
                .missingBase, text,
                "the image \(reference.familiar) is not in the store for \(platform), and --pull=never forbids to look in \(reference.domain): pull or import it first"
            )
        }
        let repository = try registry.repository(reference)
        let descriptor = try await repository.resolve(reference)
        let found = try await load(text, descriptor, from: repository, platform: platform)
        if !platform.matches(found.base.config.platform) {
            report(
                .warning(
                    "\(reference.familiar) is made for \(found.base.config.platform), and not for \(platform): its commands may not run here"
                ))
        }
        // Before the name is: whoever finds the image finds its layers.
        try await note(found.base, at: reference.name)
        if names { try await store.tag(found.manifest, as: reference) }
        return found
    }

    /// Remembers where the base's layers are, or only those of which the store has nothing and knows nothing.
    private func note(_ base: ResolvedBase, at place: String, onlyIfUnknown: Bool = false) async throws {
        let digests = base.layers.map(\.digest)
        try await BlockingPool.shared.run { [store, origins] in
            let wanted = digests.filter {
                !onlyIfUnknown || !FileSystem.exists(store.blobPath($0)) && !origins.knows($0)
            }
            try origins.origins.note(wanted, at: place)
        }
    }

    private func load(
        _ text: String, _ descriptor: Descriptor, from source: any BlobSource, platform: Platform
    ) async throws -> (base: ResolvedBase, manifest: Descriptor) {
        let descriptor = try await source.manifestDescriptor(in: descriptor, for: platform)
        let manifest = try await source.manifest(of: descriptor)
        let config = try await source.config(of: manifest.config)
        // Kept as they came, byte for byte, so that the store can push the base itself too.
        try await store.ingest(descriptor, from: source)
        try await store.ingest(manifest.config, from: source)
        return (try ResolvedBase(reference: text, layers: manifest.layers, config: config, source: source), descriptor)
    }
}
