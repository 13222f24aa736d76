import BuildEngine
import LinuxSystem
import OCIContent
import OCISpec

extension Builder {
    /// The images of the store, sorted by name.
    public func images() async throws -> [ImageSummary] {
        var found: [ImageSummary] = []
        for (reference, descriptor) in try store.references().sorted(by: { $0.reference < $1.reference }) {
            guard let image = try? await details(of: descriptor) else { continue }
            found.append(
                ImageSummary(
                    reference: reference, digest: descriptor.digest, id: image.manifest.config.digest,
                    created: image.config.created, platform: image.config.platform,
                    size: image.manifest.layers.reduce(image.manifest.config.size) { $0 + $1.size }))
        }
        return found
    }

    /// An image of the store by its name, its digest, or the beginning of its id.
    public func inspect(_ name: String) async throws -> ImageDetails {
        try await details(of: try await find(name))
    }

    /// The manifest that a name, a digest or the beginning of an id stands for in the store.
    public func find(_ name: String) async throws -> Descriptor {
        let references = try store.references()
        if let reference = try? Reference(parsing: name).withDefaultTag(),
            let known = references.first(where: { $0.0 == reference })
        {
            return known.1
        }
        let hex = name.hasPrefix("sha256:") ? String(name.dropFirst(7)) : name
        if hex.count >= 6, hex.allSatisfy(\.isHexDigit) {
            var matches: Set<Descriptor> = []
            for (_, descriptor) in references {
                if descriptor.digest.hex.hasPrefix(hex) { matches.insert(descriptor) }
                if let manifest = try? await store.manifest(of: descriptor), manifest.config.digest.hex.hasPrefix(hex) {
                    matches.insert(descriptor)
                }
            }
            if matches.count == 1, let only = matches.first { return only }
            if matches.count > 1 {
                throw EngineError(
                    .missingBase, name, "\(matches.count) images begin with \"\(name)\": give more of the id")
            }
        }
        // The store's own words, with what it does have.
        return try await store.resolve(Reference(parsing: name).withDefaultTag())
    }

    private func details(of descriptor: Descriptor) async throws -> ImageDetails {
        let manifestDescriptor = try await store.manifestDescriptor(in: descriptor, for: .host)
        let manifest = try await store.manifest(of: manifestDescriptor)
        let config = try await store.config(of: manifest.config)
        let tags = try store.references().filter { $0.1.digest == descriptor.digest }.map(\.0).sorted()
        return ImageDetails(
            id: manifest.config.digest, digest: manifestDescriptor.digest, tags: tags, manifest: manifest,
            config: config)
    }

    /// Takes a name from an image; its content goes at the next ``prune(all:)`` if nothing else needs it.
    public func remove(_ reference: Reference) async throws {
        try store.untag(reference.withDefaultTag())
    }

    /// What a prune deleted.
    public struct PruneOutcome: Sendable, Hashable, Codable {
        /// Bytes that the file system has again.
        public let freedBytes: Int64
        /// Blobs that were deleted.
        public let blobs: Int
        /// Step records that were dropped.
        public let steps: Int
        /// Unpacked layers that were deleted.
        public let snapshots: Int
        /// What could not be judged and therefore stayed.
        public let warnings: [String]
    }

    /// Deletes what no image of the store needs: blobs, unpacked layers, tables; with `all`, the step cache too. Where
    /// a build is running it does nothing, and says so.
    public func prune(all: Bool = false) async throws -> PruneOutcome {
        let store = self.store
        let root = Path(self.root)
        let outcome = try await BlockingPool.shared.run { try StorePruning(store: store, root: root).prune(all: all) }
        return PruneOutcome(
            freedBytes: outcome.freedBytes, blobs: outcome.blobs, steps: outcome.steps, snapshots: outcome.snapshots,
            warnings: outcome.warnings)
    }
}
