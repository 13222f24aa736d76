import LinuxSystem
import Sandboxing

/// Which stacks of layers the kernel mounts as an overlay; of the others steps get a copy.
final class OverlayLimits: Sendable {
    /// The kernel takes 500 directories below one overlay; some of them are the sandbox's own.
    static let layers = 480

    private let marks: NamespaceTraits.Overlay
    private let probe: @Sendable () -> Bool
    private let isUnbound = SharedWork<Bool, Bool>()

    /// - Parameter probe: whether directories can be named one by one, so that their names need no room in one page. It
    ///   is asked once, and only where that matters; it may block.
    init(marks: NamespaceTraits.Overlay, probe: @escaping @Sendable () -> Bool) {
        self.marks = marks
        self.probe = probe
    }

    /// Whether these trees of snapshots can be below an overlay whose upper directory is one more snapshot.
    func admit(_ lowers: [Path], of snapshots: Snapshots) async throws -> Bool {
        guard lowers.count <= Self.layers else { return false }
        // The snapshot is not there yet, so its name is taken to be as long as they get.
        let id = Snapshots.longestID
        let tree = RootTree.overlay(
            lowers: lowers, upper: snapshots.tree(id), work: snapshots.work(id), base: snapshots.folder)
        if tree.fitsInPage(marks: marks) { return true }
        return try await isUnbound.value(for: true) { [probe] in
            try await BlockingPool.shared.run { probe() }
        }
    }
}
