import Archive
import CLinux
import Glibc
import LinuxSystem

/// Makes a layer's files below one directory, and nowhere else.
///
/// ``LayerTree`` has resolved every path, so no directory on the way may be a symbolic link: the kernel is asked to
/// refuse one (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), whoever put it there meanwhile. Everything else
/// is done by name in an open directory, or on an open file.
///
/// Small files whose names the layer has not used before are made by the threads of a ``FileCrew``; all else by the
/// thread that reads the layer, after ``settle()`` where it could meet with one of those.
final class LayerDisk {
    let form: LayerApplier.Form
    let ownership: TreeOwnership
    let root: DirectoryHandle
    var maker: FileMaker
    private let rootPath: Path
    /// Of a recorded tree, what its files cannot tell themselves.
    private var linkOwners = LinkOwners()
    /// Directories on the way to the one that is worked in, the outermost first, some of them left out.
    private var open: [DirectoryHandle] = []
    /// As many as are kept open.
    private static let openLimit = 24
    private var directoryTimes: [Path: FileTime] = [:]
    private var crew: FileCrew?
    private var batch: FileBatch?
    private var fileCount = 0

    /// - Parameter threads: how many make files beside the calling one.
    init(root path: Path, form: LayerApplier.Form, ownership: TreeOwnership, threads: Int) throws {
        self.form = form
        self.ownership = ownership
        rootPath = path
        let flags = O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW
        root = DirectoryHandle("", try OwnedDescriptor.open(path, flags))
        var maker = FileMaker(ownership: ownership, isShared: form == .direct)
        // What lies there already may have such lists; a new tree has what its root and the layer have.
        maker.hasDefaultLists = form == .direct || Self.hasDefaultList(root.place(of: "."))
        self.maker = maker
        crew = threads > 0 ? FileCrew(maker, threads: threads) : nil
        if form == .direct {
            directoryTimes[""] = try FileSystem.status(".", at: root.raw).modified
        } else {
            try makePlain(root, at: root.place(of: "."))
            directoryTimes[""] = FileTime(seconds: 0)
        }
        if ownership == .recorded, form == .direct { linkOwners = try LinkOwners(beside: path) }
    }

    deinit { crew?.stop() }

    private static func hasDefaultList(_ place: Path) -> Bool {
        ((try? ExtendedAttributes.value(LayerAttributes.defaultList, of: place)) ?? nil) != nil
    }

    /// True when files that this layer did not make may already be there.
    var isShared: Bool { form == .direct }

    // MARK: Directories

    /// The open directory of that path, which has no symbolic links in it.
    func directory(_ path: Path) throws -> DirectoryHandle {
        if let last = open.last, last.path == path { return last }
        while let last = open.last, !path.hasPrefix(last.path) { open.removeLast() }
        let above = open.last ?? root
        if above.path == path { return above }
        let rest = above.path.isEmpty ? path : Path(bytes: path.bytes[(above.path.bytes.count + 1)...])
        let resolve = UInt64(CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_SYMLINKS)
        let flags = UInt64(UInt32(bitPattern: O_RDONLY | CLINUX_O_DIRECTORY | O_CLOEXEC))
        let raw = try checked("open", path) { rest.withCString { clinux_openat2(above.raw, $0, flags, 0, resolve) } }
        let handle = DirectoryHandle(path, OwnedDescriptor(adopting: raw))
        keepOpen(handle)
        return handle
    }

    /// Keeps a directory open that lies below those that are.
    func keepOpen(_ handle: DirectoryHandle) {
        if open.count == Self.openLimit { open.removeFirst() }
        open.append(handle)
    }

    /// Calls `body` with the open directory that holds `path`, and the last name of `path`.
    func inDirectory<R>(of path: Path, _ body: (DirectoryHandle, Path) throws -> R) throws -> R {
        guard let name = path.lastComponent else {
            throw LayersError(.unsafePath, "/", "the root of the tree has no name")
        }
        return try body(directory(path.directory), name)
    }

    /// Makes directories that entries imply. In a shared tree they may be there.
    func makeImplied(_ paths: [Path], tree: LayerTree) throws {
        for path in paths {
            try inDirectory(of: path) { directory, name in
                do throws(SystemError) {
                    try FileSystem.makeDirectory(name, mode: 0o755, at: directory.raw)
                } catch {
                    guard error.errno == .exists else { throw error }
                    let present = try FileSystem.status(name, at: directory.raw)
                    // What goes into the directory must not show in its time: as in an overlay, where an implied
                    // directory looks like the one below.
                    if isShared, present.type == .directory { return setTimeAtEnd(of: path, present.modified) }
                    try settle()
                    try Self.remove(name, in: directory.raw)
                    try FileSystem.makeDirectory(name, mode: 0o755, at: directory.raw)
                }
                let flags = CLINUX_O_DIRECTORY | O_RDONLY
                let made = DirectoryHandle(path, try openFile(name, flags, in: directory.raw))
                try makePlain(made, at: directory.place(of: name))
                if let node = tree.node(at: path), tree.nodes[node].opaque { try markOpaque(directory.place(of: name)) }
                directoryTimes[path] = FileTime(seconds: 0)
                keepOpen(made)
            }
        }
    }

    /// Gives a directory owner 0:0 and mode 0755. `place` is the way to it for extended attributes.
    private func makePlain(_ directory: DirectoryHandle, at place: Path) throws {
        let raw = directory.raw
        if ownership != .recorded { _ = try checked("chown", directory.path) { fchown(raw, 0, 0) } }
        _ = try checked("chmod", directory.path) { fchmod(raw, 0o755) }
        if ownership == .recorded { try ownership.record(mode: 0o755, uid: 0, gid: 0, of: .directory, at: place) }
    }

    /// Remembers a directory's time, to be set when nothing more is put into it.
    func setTimeAtEnd(of path: Path, _ time: FileTime) { directoryTimes[path] = time }

    // MARK: Owners of links

    /// Remembers whose a link, FIFO or socket at `path` is.
    func keepLinkOwner(_ owner: LinkOwners.Owner, of path: Path) {
        if ownership == .recorded { linkOwners[path] = owner }
    }

    /// Remembers that the file at `path` is also the one at `source`.
    func keepLinkOwner(of path: Path, as source: Path) {
        if ownership == .recorded { linkOwners[path] = linkOwners[source] }
    }

    // MARK: Names

    /// Makes way for an entry: removes what is at its path.
    func clear(_ placement: LayerTree.Placement, name: Path, in directory: CInt) throws {
        if placement.previous == nil, !isShared { return }
        if placement.previous != nil { try settle() }
        try Self.remove(name, in: directory)
    }

    /// Removes a name with all below it; content when there is none.
    static func remove(_ name: Path, in directory: CInt) throws(SystemError) {
        guard let present = try FileSystem.statusIfPresent(name, at: directory) else { return }
        if present.type == .directory {
            // The open directory stands for its path, so the name cannot be led elsewhere.
            try FileSystem.removeTree(Path("/proc/self/fd/\(directory)") / name)
        } else {
            try FileSystem.unlink(name, at: directory)
        }
    }

    /// Opens a file for its metadata, never through a symbolic link.
    func openFile(_ name: Path, _ flags: CInt, in directory: CInt) throws(SystemError) -> OwnedDescriptor {
        try OwnedDescriptor.open(name, flags | CLINUX_O_NOFOLLOW, at: directory)
    }

    // MARK: Files made by others

    /// Has a small file made, in a place that nothing of this layer has had; `fill` gives its content. False where that
    /// is not for others to do.
    func handOver(
        _ entry: ArchiveEntry, _ placement: LayerTree.Placement,
        _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> Bool {
        guard let crew, placement.previous == nil, entry.size <= FileBatch.largestFile else { return false }
        let directory = try directory(placement.directory)
        if let batch, batch.isFull || !batch.hasRoom(for: entry) {
            self.batch = nil
            try crew.submit(batch)
        }
        let batch = self.batch ?? crew.emptyBatch()
        self.batch = batch
        try batch.add(entry, number: fileCount, in: directory, name: placement.name, fill)
        fileCount += 1
        return true
    }

    /// Returns when all files that were handed over are there. Throws the failure of the first that is not.
    func settle() throws {
        guard let crew else { return }
        if let batch {
            self.batch = nil
            if batch.files.isEmpty { crew.giveBack(batch) } else { try crew.submit(batch) }
        }
        try crew.settle()
    }

    /// From here on new files may get other modes than they are made with, so that each one's is to be set.
    func expectDefaultLists() throws {
        if maker.hasDefaultLists { return }
        try settle()
        crew?.stop()
        maker.hasDefaultLists = true
        crew = crew.map { FileCrew(maker, threads: $0.threadLimit) }
    }

    // MARK: The end

    /// Sets the times of all directories; those that later entries replaced are directories no more.
    func finish(tree: LayerTree) throws {
        try settle()
        for (path, time) in directoryTimes.sorted(by: { $0.key < $1.key }) {
            guard let node = tree.node(at: path), tree.nodes[node].kind.isDirectory else { continue }
            if path.isEmpty {
                try FileSystem.setModified(".", time, at: root.raw)
            } else {
                try inDirectory(of: path) { try FileSystem.setModified($1, time, at: $0.raw) }
            }
        }
        directoryTimes = [:]
        open = []
        if ownership == .recorded {
            linkOwners.prune(below: rootPath)
            try linkOwners.write(beside: rootPath)
        }
    }
}
