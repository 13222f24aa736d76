import LinuxSystem
import OCISpec
import Synchronization

/// The index of a layout as it was read last: a store has thousands of names, and one command asks for it several times.
final class IndexMemory: Sendable {
    private struct Known {
        let status: FileStatus
        let index: ImageIndex
    }

    private let known = Mutex<Known?>(nil)

    /// The index whose file has this status, taken before it is read: read by `body`, unless that very file was. Whoever
    /// changes an index puts another file in its place, or at least changes its times.
    func index(_ status: FileStatus, _ body: () throws -> ImageIndex) throws -> ImageIndex {
        if let known = known.withLock({ $0 }), known.status == status { return known.index }
        let index = try body()
        known.withLock { $0 = Known(status: status, index: index) }
        return index
    }
}
