import LinuxSystem

/// Makes what a step on the `single` rung left behind a recorded tree that its owner can read: to be called when the
/// step has ended and its mounts are gone, before anything else reads the tree.
///
/// - Files and directories that forbid it to their owner are opened up, and what they were is recorded: a step may make
///   a directory of mode 0, and its own rights over the tree end with it.
/// - The owners of links, FIFOs and sockets go from the supervisor's ledger into the file beside the tree.
package struct RecordedTree {
    private let root: Path
    private let ledger: [UInt64: LinkOwners.Owner]
    private let lowers: LowerTree?
    private var linkOwners = LinkOwners()

    /// Settles the tree at `root`: the upper directory of an overlay over `lowers`, topmost first, or, without them, a
    /// plain tree.
    /// - Parameter ledger: owners of links, FIFOs and sockets, by inode. Those of other file systems than the one that the
    ///   step had as its root must not be among them.
    package static func settle(
        _ root: Path, ledger: [InodeOwner], lowers: [Path]? = nil, attributePrefix: String = "user.overlay."
    ) throws {
        let owners = ledger.map { ($0.inode, LinkOwners.Owner(uid: $0.uid, gid: $0.gid)) }
        var tree = RecordedTree(
            root: root, ledger: Dictionary(owners) { _, last in last },
            lowers: lowers.map { LowerTree($0, attributePrefix: attributePrefix, ownership: .recorded) })
        try tree.walk()
        try tree.linkOwners.write(beside: root)
    }

    private init(root: Path, ledger: [UInt64: LinkOwners.Owner], lowers: LowerTree?) {
        self.root = root
        self.ledger = ledger
        self.lowers = lowers
    }

    private mutating func walk() throws {
        try Self.open(root, FileSystem.status(root))
        var pending: [Path] = [""]
        while let directory = pending.popLast() {
            let place = root / directory
            for entry in try DirectoryListing.entries(at: place) {
                // Without a ledger there is nothing to be learnt of a link.
                if let type = entry.type, !TreeOwnership.takesRecord(type), ledger.isEmpty { continue }
                let path = directory / entry.name
                let status = try FileSystem.status(place / entry.name)
                if TreeOwnership.takesRecord(status.type) {
                    try Self.open(place / entry.name, status)
                    if status.type == .directory { pending.append(path) }
                } else if !status.isWhiteout, let owner = try owner(of: path, status) {
                    linkOwners[path] = owner
                }
            }
        }
    }

    /// Makes sure that the owner of a file can read it, and of a directory that it can work in it.
    private static func open(_ place: Path, _ status: FileStatus) throws(SystemError) {
        let inodeMode = TreeOwnership.recorded.inodeMode(status.mode, of: status.type)
        if inodeMode == status.mode { return }
        try FileSystem.setMode(place, status.type == .directory ? 0o700 : 0o600)
        if try InodeRecord.read(place) == nil {
            try InodeRecord(mode: status.mode, uid: 0, gid: 0).write(to: place)
        }
        try FileSystem.setMode(place, inodeMode)
    }

    /// The owner of a link, FIFO or socket; nil for 0:0.
    ///
    /// A file that was copied up is in the ledger under the number that it had below: overlayfs shows that number, and
    /// cannot mark a link as a copy. One that is all the same as the file below of the same name is taken for its copy.
    private func owner(of path: Path, _ status: FileStatus) throws -> LinkOwners.Owner? {
        if let known = ledger[status.inode] { return known }
        guard let lowers, let below = try lowers.lookup(path), below.status.type == status.type,
            below.status.modified == status.modified, let known = ledger[below.status.inode]
        else { return nil }
        if status.type == .symlink,
            try FileSystem.readLink(root / path) != FileSystem.readLink(lowers.place(of: below, path))
        {
            return nil
        }
        return known
    }
}
