import LinuxSystem

/// The owner of one link, FIFO or socket, by its inode: how the supervisor of the `single` rung knows it.
///
/// On an overlay mount whose layers lie on one file system, stat(2) gives such a file the inode number of the layer's own
/// file, but the overlay's device number: there the inode number alone tells which file it is. A file of a lower layer
/// keeps its number when it is copied up, as long as the kernel remembers it: see ``RecordedTree``.
package struct InodeOwner: Hashable, Sendable {
    /// The file system that holds the inode.
    package var device: UInt64
    package var inode: UInt64
    package var uid: UInt32
    package var gid: UInt32
    /// When the inode was made, where that is known: its number may be another file's by now.
    package var born: FileTime?

    /// An inode and its owner.
    package init(device: UInt64, inode: UInt64, uid: UInt32, gid: UInt32, born: FileTime? = nil) {
        self.device = device
        self.inode = inode
        self.uid = uid
        self.gid = gid
        self.born = born
    }
}

extension LinkOwners {
    /// What the trees at `roots` say of their links, for a step that is to see them: `SandboxSpec.linkOwners`.
    package static func inodes(of roots: [Path]) throws -> [InodeOwner] {
        var found: [InodeOwner] = []
        for root in roots {
            for (path, owner) in try LinkOwners(beside: root).all {
                guard let status = try FileSystem.statusIfPresent(root / path),
                    !TreeOwnership.takesRecord(status.type)
                else { continue }
                found.append(
                    InodeOwner(device: status.device, inode: status.inode, uid: owner.uid, gid: owner.gid))
            }
        }
        return found
    }
}
