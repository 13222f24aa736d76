import Layers
import LinuxSystem
import Sandboxing

/// RUN on overlayfs: the layers' directories below, an empty one on top, which afterwards holds what changed.
struct OverlayRunExecutor: RunExecutor {
    let library: LayerLibrary
    let producer: LayerProducer
    let preparation: RunPreparation
    let sandbox: any Sandbox
    let limits: OverlayLimits
    /// For trees that have too many layers for an overlay.
    let deep: any RunExecutor

    func run(_ job: RunJob) async throws -> LayerHandle {
        let snapshots = library.snapshots
        let lowerIDs = try await library.unpacked(job.parent).reversed() as [Snapshots.ID]
        let lowers = lowerIDs.isEmpty ? [try snapshots.empty()] : lowerIDs.map { snapshots.tree($0) }
        guard try await limits.admit(lowers, of: snapshots) else { return try await deep.run(job) }
        let form = library.form
        let id = try snapshots.create()
        let upper = snapshots.tree(id)
        do {
            // The merged root takes its metadata from the upper directory.
            try await BlockingPool.shared.run { try form.prepare(upper: upper, lowers: lowers) }
            let root = RootTree.overlay(
                lowers: lowers, upper: upper, work: snapshots.work(id), base: snapshots.folder)
            let mounts = try await preparation.mounts.prepare(job, means: .overlay(limits))
            defer { mounts.release(library) }
            var spec = try preparation.request(job, root: root, view: form.view(lowers), mounts: mounts)
            try form.lendLinkOwners(of: lowers, to: &spec)
            try await preparation.perform(spec, job: job, in: sandbox)
            try await BlockingPool.shared.run { [spec] in try form.settle(upper, lowers: lowers, after: spec) }
        } catch {
            snapshots.discard(id)
            throw error
        }
        let report = preparation.report
        let outcome = producer.start(step: job.step, key: job.key, inputs: job.inputs, snapshot: id) { writer in
            let changes = try form.changes(upper: upper, lowers: lowers)
            for skipped in changes.skipped { report(.warning(skipped.description)) }
            guard !changes.isEmpty else { return false }
            try writer.write(changes)
            return true
        }
        return LayerHandle(snapshot: id, outcome: outcome)
    }
}
