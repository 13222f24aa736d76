import LinuxSystem
import OCISpec
import Synchronization

/// The names in a layout's index, read again only when the file is another: for those who ask for many, one by one.
final class LayoutNames: Sendable {
    private struct Identity: Hashable {
        let inode: UInt64
        let size: Int64
        let changed: FileTime
    }

    private struct State {
        var identity: Identity?
        var names: [String: Descriptor] = [:]
    }

    private let state = Mutex(State())

    /// The manifest of that full name. On a thread that may block.
    func find(_ name: String, in layout: LayoutDirectory) throws -> Descriptor? {
        guard let status = try FileSystem.statusIfPresent(layout.indexPath) else { return nil }
        // The index is replaced by rename, never written in place.
        let identity = Identity(inode: status.inode, size: status.size, changed: status.changed)
        return try state.withLock { state in
            if state.identity != identity {
                state.names = [:]
                for entry in try layout.index().manifests {
                    if let name = entry.annotations?[AnnotationKey.containerdName] {
                        state.names[name] = entry.unlisted
                    }
                }
                state.identity = identity
            }
            return state.names[name]
        }
    }
}
