import Archive
import CLinux
import Glibc
import LinuxSystem

/// Makes a layer's files below one directory, and nowhere else.
///
/// ``LayerTree`` has resolved every path, so no directory on the way may be a symbolic link: the kernel is asked to
/// refuse one (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS), whoever put it there meanwhile. Everything else
/// is done by name in an open directory, or on an open file.
final class LayerDisk {
    let form: LayerApplier.Form
    let ownership: TreeOwnership
    let root: OwnedDescriptor
    private let rootPath: Path
    /// Of a recorded tree, what its files cannot tell themselves.
    private var linkOwners = LinkOwners()
    /// UTIME_OMIT, a macro that Swift cannot see.
    private static let leaveTime = (1 << 30) - 2
    private var current: OwnedDescriptor?
    private var currentPath: Path = ""
    private var directoryTimes: [Path: FileTime] = [:]

    init(root path: Path, form: LayerApplier.Form, ownership: TreeOwnership) throws {
        self.form = form
        self.ownership = ownership
        rootPath = path
        root = try OwnedDescriptor.open(path, O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW)
        if form == .direct {
            directoryTimes[""] = try root.status().modified
        } else {
            try makePlain(root, at: Path("/proc/self/fd/\(root.raw)/."), path)
            directoryTimes[""] = FileTime(seconds: 0)
        }
        if ownership == .recorded, form == .direct { linkOwners = try LinkOwners(beside: path) }
    }

    /// True when files that this layer did not make may already be there.
    var isShared: Bool { form == .direct }

    /// Opens a directory of the tree, by a path without symbolic links.
    func openDirectory(_ path: Path) throws -> OwnedDescriptor {
        let resolve = UInt64(CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_SYMLINKS)
        let flags = UInt64(UInt32(bitPattern: O_RDONLY | CLINUX_O_DIRECTORY | O_CLOEXEC))
        let raw = try checked("open", path) {
            (path.isEmpty ? "." : path).withCString { clinux_openat2(root.raw, $0, flags, 0, resolve) }
        }
        return OwnedDescriptor(adopting: raw)
    }

    /// Calls `body` with the open directory that holds `path`, and the last name of `path`.
    func inDirectory<R>(of path: Path, _ body: (CInt, Path) throws -> R) throws -> R {
        let directory = path.directory
        guard let name = path.lastComponent else {
            throw LayersError(.unsafePath, "/", "the root of the tree has no name")
        }
        if current == nil || currentPath != directory {
            current = nil
            current = try openDirectory(directory)
            currentPath = directory
        }
        guard let raw = current?.raw else { throw SystemError("open", directory, errno: .noEntry) }
        return try body(raw, name)
    }

    /// Makes directories that entries imply. In a shared tree they may be there.
    func makeImplied(_ paths: [Path], tree: LayerTree) throws {
        for path in paths {
            try inDirectory(of: path) { directory, name in
                if let present = try FileSystem.statusIfPresent(name, at: directory) {
                    // What goes into the directory must not show in its time: as in an overlay, where an implied
                    // directory looks like the one below.
                    if isShared, present.type == .directory { return setTimeAtEnd(of: path, present.modified) }
                    try remove(name, in: directory)
                }
                try FileSystem.makeDirectory(name, mode: 0o755, at: directory)
                let place = Path("/proc/self/fd/\(directory)") / name
                try makePlain(openFile(name, CLINUX_O_DIRECTORY | O_RDONLY, in: directory), at: place, path)
                if let node = tree.node(at: path), tree.nodes[node].opaque { try markOpaque(place) }
                directoryTimes[path] = FileTime(seconds: 0)
            }
        }
    }

    /// Gives a directory owner 0:0 and mode 0755. `place` is the way to it, `path` what messages call it.
    private func makePlain(_ directory: borrowing OwnedDescriptor, at place: Path, _ path: Path) throws {
        let raw = directory.raw
        if ownership != .recorded { _ = try checked("chown", path) { fchown(raw, 0, 0) } }
        _ = try checked("chmod", path) { fchmod(raw, 0o755) }
        if ownership == .recorded { try ownership.record(mode: 0o755, uid: 0, gid: 0, of: .directory, at: place) }
    }

    /// Remembers whose a link, FIFO or socket at `path` is.
    func keepLinkOwner(_ owner: LinkOwners.Owner, of path: Path) {
        if ownership == .recorded { linkOwners[path] = owner }
    }

    /// Remembers that the file at `path` is also the one at `source`.
    func keepLinkOwner(of path: Path, as source: Path) {
        if ownership == .recorded { linkOwners[path] = linkOwners[source] }
    }

    /// Makes way for an entry: removes what is at its path.
    func clear(_ placement: LayerTree.Placement, name: Path, in directory: CInt) throws {
        if placement.previous == nil, !isShared { return }
        try remove(name, in: directory)
    }

    /// Removes a name with all below it; content when there is none.
    func remove(_ name: Path, in directory: CInt) throws {
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

    /// Remembers a directory's time, to be set when nothing more is put into it.
    func setTimeAtEnd(of path: Path, _ time: FileTime) { directoryTimes[path] = time }

    /// Sets the times of all directories; those that later entries replaced are directories no more.
    func finish(tree: LayerTree) throws {
        current = nil
        for (path, time) in directoryTimes {
            guard let node = tree.node(at: path), tree.nodes[node].kind.isDirectory else { continue }
            let directory = try openDirectory(path)
            try setModified(time, of: directory, path)
        }
        directoryTimes = [:]
        if ownership == .recorded {
            linkOwners.prune(below: rootPath)
            try linkOwners.write(beside: rootPath)
        }
    }

    /// Sets the modification time of an open file.
    func setModified(_ time: FileTime, of file: borrowing OwnedDescriptor, _ path: Path) throws(SystemError) {
        var times = [
            timespec(tv_sec: 0, tv_nsec: Self.leaveTime),
            timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds)),
        ]
        let raw = file.raw
        _ = try checked("utimensat", path) { futimens(raw, &times) }
    }
}
