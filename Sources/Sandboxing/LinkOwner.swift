import LinuxSystem
import Synchronization

/// The owner of a file that cannot record it itself: a symbolic link, a FIFO or a socket.
package struct LinkOwner: Hashable, Sendable {
    /// The file system, as the step sees it; not looked at in what a step is given.
    package var device: UInt64
    /// The inode's number in the layer's own directory.
    package var inode: UInt64
    /// The user.
    package var uid: UInt32
    /// The group.
    package var gid: UInt32
    /// When the inode was made, where that is known: a step may remove it, and its number be another file's.
    package var born: FileTime?

    /// An owner of one inode.
    package init(device: UInt64 = 0, inode: UInt64, uid: UInt32, gid: UInt32, born: FileTime? = nil) {
        self.device = device
        self.inode = inode
        self.uid = uid
        self.gid = gid
        self.born = born
    }
}

/// Takes the owners that a step leaves behind.
package final class LedgerSink: Sendable {
    private let state = Mutex<[LinkOwner]>([])

    /// Empty.
    package init() {}

    /// The owners other than 0:0 of the links, FIFOs and sockets in the step's root, those that it was given included;
    /// complete when the step has ended.
    package var owners: [LinkOwner] { state.withLock { $0 } }

    func set(_ owners: [LinkOwner]) { state.withLock { $0 = owners } }
}
