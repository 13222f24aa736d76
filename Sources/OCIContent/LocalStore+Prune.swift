import LinuxSystem
import OCISpec

/// What else a collection keeps, besides what the names in the store need.
public struct PruneRoots: Sendable {
    /// Blobs that are kept as they are.
    public var digests: Set<Digest>
    /// Manifests and indexes that are kept with all they need.
    public var descriptors: [Descriptor]

    /// Keeps these.
    public init(digests: Set<Digest> = [], descriptors: [Descriptor] = []) {
        self.digests = digests
        self.descriptors = descriptors
    }
}

/// What a collection did, or would do.
public struct PruneResult: Sendable {
    /// How many blobs were removed.
    public var removedBlobs = 0
    /// How many blobs stayed.
    public var keptBlobs = 0
    /// Bytes freed on the disk: blocks, not lengths.
    public var freedBytes: Int64 = 0
    /// What could not be judged and therefore stayed, in words.
    public var warnings: [String] = []
}

extension LocalStore {
    /// Removes blobs that no name and no extra root needs, and what is known of where such blobs may be had. Of an image
    /// some of whose blobs are elsewhere, those that are here stay. For a thread that may block.
    ///
    /// - Parameters:
    ///   - roots: what to keep besides; computed by the caller under the lease it passes, if it matters.
    ///   - grace: blobs that came, or were found useful, within this many seconds stay.
    ///   - dryRun: only tell.
    ///   - lease: an exclusive lease that the caller holds; without one it is taken here, and `store-busy` thrown if
    ///     somebody uses the store.
    public func prune(
        keeping roots: PruneRoots = PruneRoots(), grace: Int64 = 600, dryRun: Bool = false,
        under lease: StoreLease? = nil
    ) throws -> PruneResult {
        let lease = try lease ?? exclusiveLease()
        guard lease.isExclusive else {
            throw ContentError(.storeBusy, root.description, "collecting needs an exclusive lease")
        }
        defer { withExtendedLifetime(lease) {} }
        var result = PruneResult()
        if !dryRun { result.freedBytes += try temporaries.sweep() }
        var needed = Needed(marked: roots.digests)
        for root in try layout.index().manifests + roots.descriptors {
            mark(root, &needed, &result, depth: 0)
        }
        if !dryRun { result.freedBytes += try BlobOrigins(storeRoot: root).prune(keeping: needed.marked) }
        let youngest = FileTime.now.seconds - grace
        for algorithm in try DirectoryListing.entries(at: root / "blobs").map(\.name).sorted() {
            let directory = root / "blobs" / algorithm
            guard try FileSystem.status(directory).type == .directory else { continue }
            for name in try DirectoryListing.entries(at: directory).map(\.name).sorted() {
                let path = directory / name
                guard let digest = try? Digest(parsing: "\(algorithm):\(name)") else {
                    result.warnings.append("\(path) is no blob; it was left alone")
                    continue
                }
                guard let status = try FileSystem.statusIfPresent(path) else { continue }
                if needed.marked.contains(digest) || status.modified.seconds > youngest {
                    result.keptBlobs += 1
                    continue
                }
                result.removedBlobs += 1
                result.freedBytes += status.blocks * 512
                if !dryRun { try FileSystem.removeTree(path) }
            }
        }
        return result
    }

    private struct Needed {
        var marked: Set<Digest>
        /// Documents that were followed; one may be marked without that.
        var followed: Set<Digest> = []
    }

    private func mark(_ node: Descriptor, _ needed: inout Needed, _ result: inout PruneResult, depth: Int) {
        needed.marked.insert(node.digest)
        guard node.mediaType.isIndex || node.mediaType.isManifest, depth <= Document.deepestIndex,
            needed.followed.insert(node.digest).inserted
        else { return }
        do {
            guard try layout.contains(node) else { return }
            for child in try layout.children(of: node) {
                mark(child, &needed, &result, depth: depth + 1)
            }
        } catch {
            result.warnings.append("\(error)")
        }
    }
}
