import Layers
import LinuxSystem
import Sandboxing
import Synchronization

/// RUN without overlay: in a private copy of the whole tree, which is scanned before and after the command. The tree of
/// the last step is kept, so that a chain of RUN steps copies its base once.
final class CopiedTreeRunExecutor: RunExecutor {
    private struct Warm {
        let id: Snapshots.ID
        let layers: [LayerHandle]
        let scan: TreeScan
    }

    private let library: LayerLibrary
    private let producer: LayerProducer
    private let preparation: RunPreparation
    private let sandbox: any Sandbox
    private let means: MountPreparation.Means
    private let warm = Mutex<Warm?>(nil)

    init(library: LayerLibrary, producer: LayerProducer, preparation: RunPreparation, sandbox: any Sandbox) {
        self.library = library
        self.producer = producer
        self.preparation = preparation
        self.sandbox = sandbox
        means = sandbox.isolation == .chroot ? .move : .bind
    }

    deinit {
        if let warm = warm.withLock({ $0 }) { library.snapshots.discard(warm.id) }
    }

    func run(_ job: RunJob) async throws -> LayerHandle {
        let snapshots = library.snapshots
        let (id, before) = try await tree(for: job.parent)
        let root = snapshots.tree(id)
        let form = library.form
        do {
            let mounts = try await preparation.mounts.prepare(job, means: means)
            defer { mounts.release(library) }
            var spec = try preparation.request(
                job, root: .directory(root), view: form.view([root]), mounts: mounts)
            try form.lendLinkOwners(of: [root], to: &spec)
            try await preparation.perform(spec, job: job, in: sandbox)
            try await BlockingPool.shared.run { [spec] in try form.settle(root, lowers: nil, after: spec) }
            let report = preparation.report
            // What the tree was made from settles whether a file that was touched is another one now.
            let pristine = try await library.unpacked(job.parent).reversed().map { snapshots.tree($0) }
            let after = Mutex<TreeScan?>(nil)
            let outcome = producer.start(
                step: job.step, key: job.key, inputs: job.inputs, snapshot: nil
            ) { writer in
                let differ = try form.differ(root, before: before, pristine: pristine)
                let changes = try differ.changes()
                after.withLock { $0 = differ.after }
                for skipped in changes.skipped { report(.warning(skipped.description)) }
                guard !changes.isEmpty else { return false }
                try writer.write(changes)
                return true
            }
            // The next step writes into the same files, so this layer must be out first.
            _ = try await outcome.value
            let handle = LayerHandle(snapshot: nil, outcome: outcome)
            if let scan = after.withLock({ $0 }) {
                keep(Warm(id: id, layers: job.parent.adding(handle).layers, scan: scan))
            }
            return handle
        } catch {
            snapshots.discard(id)
            throw error
        }
    }

    private func keep(_ tree: Warm) {
        let old = warm.withLock { slot in
            let old = slot
            slot = tree
            return old
        }
        if let old { library.snapshots.discard(old.id) }
    }

    private func tree(for parent: LayeredTree) async throws -> (Snapshots.ID, TreeScan) {
        if let ready = warm.withLock({ slot -> Warm? in
            guard let kept = slot, kept.layers.elementsEqual(parent.layers, by: ===) else { return nil }
            slot = nil
            return kept
        }) {
            return (ready.id, ready.scan)
        }
        let id = try library.snapshots.create()
        do {
            let root = library.snapshots.tree(id)
            try await library.flatten(parent, into: root)
            return (id, try await BlockingPool.shared.run { [form = library.form] in try form.scan(root) })
        } catch {
            library.snapshots.discard(id)
            throw error
        }
    }
}
