import LinuxSystem

/// Makes what a step on the `single` rung left behind a recorded tree that its owner can read: to be called when the
/// step has ended and its mounts are gone, before anything else reads the tree.
///
/// - Files and directories that forbid it to their owner are opened up, and what they were is recorded: a step may make
///   a directory of mode 0, and its own rights over the tree end with it.
/// - The owners of links, FIFOs and sockets go from the supervisor's ledger into the file beside the tree.
package struct RecordedTree {
    private let root: Path
    private let ledger: [UInt64: [InodeOwner]]
    private var linkOwners = LinkOwners()
    /// Links, FIFOs and sockets whose inodes the ledger does not have.
    private var unknown: [(path: Path, status: FileStatus)] = []

    /// Settles the tree at `root`: the upper directory of an overlay over `lowers`, topmost first, or, without them, a
    /// plain tree.
    /// - Parameter ledger: owners of links, FIFOs and sockets, by inode. Those of other file systems than the one that the
    ///   step had as its root must not be among them.
    package static func settle(
        _ root: Path, ledger: [InodeOwner], lowers: [Path]? = nil, attributePrefix: String = "user.overlay."
    ) throws {
        var tree = RecordedTree(root: root, ledger: Dictionary(grouping: ledger) { $0.inode })
        try tree.walk()
        if let lowers, !tree.unknown.isEmpty { try tree.findCopies(of: lowers, attributePrefix) }
        try tree.linkOwners.write(beside: root)
    }

    private init(root: Path, ledger: [UInt64: [InodeOwner]]) {
        self.root = root
        self.ledger = ledger
    }

    private mutating func walk() throws {
        try Self.open(root, FileSystem.status(root))
        try Self.each(below: root) { place, path, type in
            // Without a ledger there is nothing to be learnt of a link.
            if let type, !TreeOwnership.takesRecord(type), ledger.isEmpty { return }
            let status = try FileSystem.status(place)
            if TreeOwnership.takesRecord(status.type) {
                try Self.open(place, status)
            } else if let owner = try owner(of: status.inode, at: place) {
                linkOwners[path] = owner
            } else if !status.isWhiteout, !ledger.isEmpty {
                unknown.append((path, status))
            }
        }
    }

    /// What the ledger says of an inode, unless it speaks of one that had the number before.
    private func owner(of inode: UInt64, at place: Path) throws(SystemError) -> LinkOwners.Owner? {
        guard let entries = ledger[inode] else { return nil }
        let born = entries.contains { $0.born != nil } ? try FileSystem.birth(of: place) : nil
        let entry = entries.last { $0.born == nil || born == nil || $0.born == born }
        return entry.map { LinkOwners.Owner(uid: $0.uid, gid: $0.gid) }
    }

    /// Calls `body` with the place, path and, where it is known, the type of each file below a directory; directories
    /// are entered after that.
    private static func each(below root: Path, _ body: (Path, Path, FileType?) throws -> Void) throws {
        var pending: [Path] = [""]
        while let directory = pending.popLast() {
            for entry in try DirectoryListing.entries(at: root / directory) {
                let path = directory / entry.name
                try body(root / path, path, entry.type)
                if try entry.type ?? FileSystem.status(root / path).type == .directory { pending.append(path) }
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

    // MARK: Copies

    /// What a copy has of its original.
    private struct Likeness: Hashable {
        let type: FileType
        let modified: FileTime
        let target: Path?

        init(_ place: Path, _ status: FileStatus) throws(SystemError) {
            type = status.type
            modified = status.modified
            target = status.type == .symlink ? try FileSystem.readLink(place) : nil
        }
    }

    /// Finds the files of the ledger that were copied up and have their names still, under the numbers that they have
    /// below: overlayfs goes on to show those. The supervisor gives the numbers of copies as well where it saw them made.
    private mutating func findCopies(of lowers: [Path], _ attributePrefix: String) throws {
        let view = LowerTree(lowers, attributePrefix: attributePrefix, ownership: .recorded)
        for (path, status) in unknown {
            guard let below = try view.lookup(path) else { continue }
            let original = view.place(of: below, path)
            guard let entry = ledger[below.status.inode]?.last else { continue }
            if try Likeness(root / path, status) == Likeness(original, below.status) {
                linkOwners[path] = LinkOwners.Owner(uid: entry.uid, gid: entry.gid)
            }
        }
    }
}
