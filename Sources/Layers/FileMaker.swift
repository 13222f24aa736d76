import Archive
import CLinux
import Glibc
import LinuxSystem

/// Makes regular files in open directories, with no more system calls than each one needs: open, write, times and close,
/// and what else its owner, mode and attributes ask for.
struct FileMaker: Sendable {
    let ownership: TreeOwnership
    /// True when a name may be taken by what another layer made, which is then removed.
    let isShared: Bool
    /// True on a thread whose file mode mask is 0.
    var isUnmasked = false
    /// True where default access control lists may change the modes of new files; see acl(5).
    var hasDefaultLists = false
    private let uid = geteuid()
    private let gid = getegid()

    init(ownership: TreeOwnership, isShared: Bool) {
        self.ownership = ownership
        self.isShared = isShared
    }

    /// UTIME_OMIT, a macro that Swift cannot see.
    private static let leaveTime = (1 << 30) - 2

    /// Makes a file whose content is at hand.
    func make(
        _ entry: ArchiveEntry, _ name: UnsafePointer<CChar>, in directory: DirectoryHandle,
        content: UnsafeRawBufferPointer
    ) throws {
        try make(entry, name, in: directory) { write in try write(content) }
    }

    /// Makes a file; `produce` writes its content through the function it is given.
    func make(
        _ entry: ArchiveEntry, _ name: UnsafePointer<CChar>, in directory: DirectoryHandle,
        _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let needsMore = needsMore(entry)
        let mode = needsMore ? 0o600 : creationMode(entry)
        let file = try create(entry.path, name, mode, in: directory)
        var writer = SparseWriter(file: file.raw, size: entry.size)
        try produce { try writer.write($0) }
        try writer.finish()
        if needsMore {
            try describe(file.raw, entry, at: directory.place(of: Path(bytes: Self.bytes(of: name))))
        } else {
            try settle(file, entry, created: mode, in: directory)
        }
        try Self.setModified(entry.modified, of: file, entry.path)
    }

    /// Sets the modification time of an open file.
    static func setModified(
        _ time: FileTime, of file: borrowing OwnedDescriptor, _ path: Path
    ) throws(SystemError) {
        let raw = file.raw
        _ = try checked("utimensat", path) {
            withUnsafeTemporaryAllocation(of: timespec.self, capacity: 2) { times in
                times[0] = timespec(tv_sec: 0, tv_nsec: leaveTime)
                times[1] = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
                return futimens(raw, times.baseAddress)
            }
        }
    }

    // MARK: Parts

    private static func bytes(of name: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: name, count: strlen(name))
    }

    private func create(
        _ path: Path, _ name: UnsafePointer<CChar>, _ mode: UInt32, in directory: DirectoryHandle
    ) throws(SystemError) -> OwnedDescriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | CLINUX_O_NOFOLLOW | O_CLOEXEC
        var mayReplace = isShared
        while true {
            let raw = clinux_openat(directory.raw, name, flags, mode)
            if raw >= 0 { return OwnedDescriptor(adopting: raw) }
            let error = Errno.current
            if error == .exists, mayReplace {
                mayReplace = false
                try LayerDisk.remove(Path(bytes: Self.bytes(of: name)), in: directory.raw)
            } else if error != .interrupted {
                throw SystemError("open", path, errno: error)
            }
        }
    }

    /// True for a file that must be its owner's to write until all is said of it.
    private func needsMore(_ entry: ArchiveEntry) -> Bool {
        if !entry.attributes.isEmpty { return true }
        guard ownership == .recorded else { return false }
        return entry.uid != 0 || entry.gid != 0 || entry.mode != ownership.inodeMode(entry.mode, of: .regular)
    }

    /// The mode to make a file with: its own, without set-id bits, which writing clears, and without rights of a group
    /// that others do not have, as long as it may be another group's.
    private func creationMode(_ entry: ArchiveEntry) -> UInt32 {
        let mode = UInt32(entry.mode) & 0o777
        let isOwn = ownership == .recorded || (entry.uid == uid && entry.gid == gid)
        return isOwn || (mode >> 3 & 7) & ~mode == 0 ? mode : mode & 0o707
    }

    /// Gives a file what it does not have from the start. Owner before mode: a change of owner clears set-id bits.
    private func settle(
        _ file: borrowing OwnedDescriptor, _ entry: ArchiveEntry, created: UInt32, in directory: DirectoryHandle
    ) throws {
        var isAsCreated = isUnmasked && !hasDefaultLists
        if ownership != .recorded {
            let given: (uid: UInt32, gid: UInt32)
            if let known = directory.givenOwner {
                given = known
            } else {
                let status = try file.status()
                given = (status.uid, status.gid)
                directory.givenOwner = given
                if UInt32(status.mode) != created { isAsCreated = false }
            }
            if given != (entry.uid, entry.gid) {
                let raw = file.raw
                try owned(entry) { () throws(SystemError) in
                    _ = try checked("chown", entry.path) { fchown(raw, entry.uid, entry.gid) }
                }
            }
        }
        if isAsCreated, created == entry.mode { return }
        let raw = file.raw
        _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(entry.mode)) }
    }

    /// Gives an open file or directory owner, mode and attributes, whatever it has. Owner before mode and capabilities: a
    /// change of owner clears both. A record is an attribute, and comes before a mode that forbids its owner to write.
    /// - Parameter place: the way to it for extended attributes.
    func describe(_ raw: CInt, _ entry: ArchiveEntry, at place: Path) throws {
        guard ownership == .recorded else {
            try owned(entry) { () throws(SystemError) in
                _ = try checked("chown", entry.path) { fchown(raw, entry.uid, entry.gid) }
            }
            _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(entry.mode)) }
            return try setAttributes(entry, of: place)
        }
        let type: FileType = entry.type == .directory ? .directory : .regular
        _ = try checked("chmod", entry.path) { fchmod(raw, type == .directory ? 0o700 : 0o600) }
        try setAttributes(entry, of: place)
        try ownership.record(mode: entry.mode, uid: entry.uid, gid: entry.gid, of: type, at: place)
        _ = try checked("chmod", entry.path) { fchmod(raw, UInt32(ownership.inodeMode(entry.mode, of: type))) }
    }

    /// Changes an owner; in a user namespace there are numbers that nobody has.
    func owned(_ entry: ArchiveEntry, _ change: () throws(SystemError) -> Void) throws {
        do throws(SystemError) {
            try change()
        } catch {
            guard ownership == .mapped, error.errno == .invalid else { throw error }
            throw LayersError(
                .unmappedOwner, entry.path,
                "it belongs to \(entry.uid):\(entry.gid), and the subordinate ids of this user end before: give the user "
                    + "more of them in /etc/subuid and /etc/subgid, or use --isolation single")
        }
    }

    func setAttributes(_ entry: ArchiveEntry, of place: Path) throws {
        do throws(SystemError) {
            try ownership.setAttributes(entry, of: place)
        } catch {
            throw SystemError(error.operation, entry.path, errno: error.errno)
        }
    }
}
