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
    let report: @Sendable (BuildEvent) -> Void

    /// The image that `text` names, for `platform`. Manifest and configuration are in the store afterwards, layers need
    /// not be.
    func resolve(_ text: String, platform: Platform) async throws -> (base: ResolvedBase, manifest: Descriptor) {
        for prefix in ["oci-layout://", "oci:"] where text.hasPrefix(prefix) {
            let (layout, descriptor) = try await ImageLayout.open(String(text.dropFirst(prefix.count)))
            return try await load(text, descriptor, from: layout, platform: platform)
        }
        let reference = try Reference(parsing: text).withDefaultTag()
        if policy != .always, let known = try await store.find(reference) {
            if let found = try? await load(text, known, from: store, platform: platform) {
                // The store may lack layers that were never needed; they come from where the image came from.
                return (try found.base.reading(from: Fallback(first: store, second: registry.repository(reference))), found.manifest)
            }
        }
        guard policy != .never else {
            throw EngineError(.missingBase, text, "the image \(reference.familiar) is not in the store for \(platform), and --pull=never forbids to look in \(reference.domain): pull or import it first")
        }
        let repository = registry.repository(reference)
        let descriptor = try await repository.resolve(reference)
        let found = try await load(text, descriptor, from: repository, platform: platform)
        try await store.tag(found.manifest, as: reference)
        return found
    }

    private func load(
        _ text: String, _ descriptor: Descriptor, from source: any BlobSource, platform: Platform
    ) async throws -> (base: ResolvedBase, manifest: Descriptor) {
        var descriptor = descriptor
        if descriptor.mediaType.isIndex {
            let index = try await source.index(of: descriptor)
            guard let match = index.select(platform) else {
                let offered = index.manifests.compactMap(\.platform).map(\.description).filter { !$0.contains("unknown") }
                throw EngineError(.missingBase, text, "the image \(text) is not made for \(platform); it has: \(offered.joined(separator: ", "))")
            }
            descriptor = match
        }
        let manifest = try await source.manifest(of: descriptor)
        let config = try await source.config(of: manifest)
        // Kept as they came, byte for byte, so that the store can push the base itself too.
        try await store.ingest(descriptor, from: source)
        try await store.ingest(manifest.config, from: source)
        return (try ResolvedBase(reference: text, layers: manifest.layers, config: config, source: source), descriptor)
    }
}

/// Reads a blob from the first place that has it.
struct Fallback: BlobSource {
    let first: any BlobSource
    let second: any BlobSource

    func contains(_ blob: Descriptor) async throws -> Bool {
        if try await first.contains(blob) { return true }
        return try await second.contains(blob)
    }

    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws {
        if try await first.contains(blob) { return try await first.stream(blob, body) }
        try await second.stream(blob, body)
    }

    func file(of blob: Descriptor) async throws -> BlobFile? {
        if let file = try await first.file(of: blob) { return file }
        return try await second.file(of: blob)
    }
}
