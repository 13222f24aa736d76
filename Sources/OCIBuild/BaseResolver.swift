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
            return try await load(text, descriptor, from: layout, platform: platform)
        }
        let reference = try Reference(parsing: text).withDefaultTag()
        if policy != .always, let known = try? store.find(reference) {
            // The store may lack layers that were never needed; they come from where the image came from.
            let source = Fallback(first: store) { [registry] in try registry.repository(reference) }
            // An image of the right name may be for another platform; then the registry may have the right one.
            do {
                let found = try await load(text, known, from: source, platform: platform)
                if platform.matches(found.base.config.platform) { return found }
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
        if names { try await store.tag(found.manifest, as: reference) }
        return found
    }

    private func load(
        _ text: String, _ descriptor: Descriptor, from source: any BlobSource, platform: Platform
    ) async throws -> (base: ResolvedBase, manifest: Descriptor) {
        let descriptor = try await source.manifestDescriptor(in: descriptor, for: platform)
        let manifest = try await source.manifest(of: descriptor)
        let config = try await source.config(of: manifest.config)
        // Kept as they came, byte for byte, so that the store can push the base itself too. What is here stays as it is: a
        // build whose inputs are the same writes nothing.
        for document in [descriptor, manifest.config] where try await !store.contains(document) {
            try await store.ingest(document, from: source)
        }
        return (try ResolvedBase(reference: text, layers: manifest.layers, config: config, source: source), descriptor)
    }
}

/// Reads a blob from the first place that has it. The second is not opened before the first lacks something.
struct Fallback: BlobSource {
    let first: any BlobSource
    let second: @Sendable () throws -> any BlobSource

    func contains(_ blob: Descriptor) async throws -> Bool {
        if try await first.contains(blob) { return true }
        return try await second().contains(blob)
    }

    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws {
        if try await first.contains(blob) { return try await first.stream(blob, body) }
        try await second().stream(blob, body)
    }

    func file(of blob: Descriptor) async throws -> BlobFile? {
        if let file = try await first.file(of: blob) { return file }
        return try await second().file(of: blob)
    }
}
