import LinuxSystem
import OCISpec

extension ImageLayout: TaggedManifests {
    /// As `TaggedManifests` says. The index is read again only where it has changed.
    package func manifest(tagged reference: Reference) async throws -> (descriptor: Descriptor, bytes: [UInt8])? {
        let name = reference.withDefaultTag().description
        let found = try await BlockingPool.shared.run { try self.names.find(name, in: self.layout) }
        guard let found else { return nil }
        return (found, try await bytes(of: found))
    }

    /// As `TaggedManifests` says: the blob first, then its line in the index.
    package func put(_ manifest: [UInt8], _ descriptor: Descriptor, tagged reference: Reference) async throws {
        try await BlockingPool.shared.run { [layout] in
            let ingest = try BlobIngest(layout)
            try ingest.write(manifest)
            _ = try ingest.commit(mediaType: descriptor.mediaType, expecting: descriptor)
        }
        try await tag(descriptor, as: reference)
    }

    /// As `TaggedManifests` says.
    package func tags(beginning prefix: String) async throws -> [String] {
        try await BlockingPool.shared.run { [layout] in
            try layout.index().manifests.compactMap { $0.annotations?[AnnotationKey.referenceName] }
                .filter { $0.hasPrefix(prefix) }
        }
    }

    /// As `TaggedManifests` says; its blobs stay until ``removeUnneeded(grace:)``.
    package func remove(_ manifest: Descriptor) async throws {
        try await BlockingPool.shared.run { [layout] in
            try layout.updateIndex { index in index.manifests.removeAll { $0.digest == manifest.digest } }
        }
    }

    /// Removes blobs that nothing in the index needs and that are older than `grace` seconds: younger ones may belong to
    /// an image that somebody is about to list. Returns how many went, and the bytes that were freed on the disk. For a
    /// thread that may block.
    package func removeUnneeded(grace: Int64 = 3600) throws -> (count: Int, bytes: Int64) {
        var needed: Set<Digest> = []
        var pending = try layout.index().manifests
        while let node = pending.popLast() {
            guard needed.insert(node.digest).inserted, node.mediaType.isIndex || node.mediaType.isManifest else {
                continue
            }
            // What cannot be read keeps what it names from being judged.
            if try layout.contains(node) { pending += try layout.children(of: node) }
        }
        let youngest = FileTime.now.seconds - grace
        var removed: (count: Int, bytes: Int64) = (0, 0)
        let folder = root / "blobs/sha256"
        for entry in try DirectoryListing.entries(at: folder) {
            guard let digest = try? Digest(parsing: "sha256:\(entry.name)"), !needed.contains(digest),
                let status = try FileSystem.statusIfPresent(folder / entry.name), status.type == .regular,
                status.modified.seconds <= youngest
            else { continue }
            try FileSystem.unlink(folder / entry.name)
            removed.count += 1
            removed.bytes += status.blocks * 512
        }
        return removed
    }
}
