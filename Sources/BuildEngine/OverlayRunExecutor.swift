import Glibc
import Layers
import LinuxSystem
import Sandboxing

/// RUN on overlayfs: the layers' directories below, an empty one on top, which afterwards holds what changed.
struct OverlayRunExecutor: RunExecutor {
    let library: LayerLibrary
    let producer: LayerProducer
    let preparation: RunPreparation
    let sandbox: any Sandbox

    func run(_ job: RunJob) async throws -> LayerHandle {
        let snapshots = library.snapshots
        let lowerIDs = try await library.unpacked(job.parent).reversed() as [Snapshots.ID]
        let lowers = lowerIDs.isEmpty ? [try emptyLower()] : lowerIDs.map { snapshots.tree($0) }
        let id = try snapshots.create()
        do {
            // The merged root takes its metadata from the upper directory.
            try await BlockingPool.shared.run { try OverlayDiffer.prepare(upper: snapshots.tree(id), lowers: lowers) }
            let root = RootTree.overlay(
                lowers: lowers, upper: snapshots.tree(id), work: snapshots.work(id), base: snapshots.folder)
            let spec = try preparation.request(job, root: root) { path in try Self.read(path, in: lowers) }
            try await preparation.perform(spec, job: job, in: sandbox)
        } catch {
            snapshots.discard(id)
            throw error
        }
        let upper = snapshots.tree(id)
        let report = preparation.report
        let outcome = producer.start(step: job.step, key: job.key, parent: job.parent, snapshot: id) { writer in
            let changes = try OverlayDiffer(upper: upper, lowers: lowers).changes()
            for skipped in changes.skipped { report(.warning(skipped.description)) }
            guard !changes.isEmpty else { return false }
            try writer.write(changes)
            return true
        }
        return LayerHandle(snapshot: id, outcome: outcome)
    }

    private func emptyLower() throws -> Path {
        let path = library.snapshots.tree("empty")
        try FileSystem.makeDirectories(path)
        return path
    }

    /// A small regular file of the merged tree, looked up from the top as overlayfs would; nil where there is none.
    private static func read(_ path: Path, in lowers: [Path]) throws -> [UInt8]? {
        for lower in lowers {
            let root = try OwnedDescriptor.open(lower, O_RDONLY)
            guard let status = try? OwnedDescriptor.open(path, CInt(O_RDONLY | O_NONBLOCK), inRoot: root.raw).status()
            else {
                if try hides(path, lower: lower) { return nil }
                continue
            }
            if status.type == .characterDevice { return nil }
            guard status.type == .regular, status.size <= RunPreparation.fileLimit else { continue }
            let file = try OwnedDescriptor.open(path, O_RDONLY, inRoot: root.raw)
            return try FileByteReader(adopting: file).readAll(limit: RunPreparation.fileLimit)
        }
        return nil
    }

    /// True when the layer hides what is below it at `path`: a parent is deleted, replaced or opaque.
    private static func hides(_ path: Path, lower: Path) throws -> Bool {
        var parent = Path("")
        for component in path.components {
            parent = parent / component
            guard let status = try FileSystem.statusIfPresent(lower / parent) else { return false }
            if status.type == .characterDevice { return true }
            if status.type == .directory,
                try ExtendedAttributes.value(Array("trusted.overlay.opaque".utf8), of: lower / parent) != nil
            {
                return true
            }
        }
        return false
    }
}
