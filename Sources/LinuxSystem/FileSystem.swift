import CLinux
import Glibc

/// File operations by path, relative to a directory descriptor. A final symbolic link is never followed unless said.
package enum FileSystem {
    /// The working directory, where a path is relative to nothing else.
    package static let workingDirectory = CLINUX_AT_FDCWD

    static func status(_ path: Path, at directory: CInt, flags: CInt) throws(SystemError) -> FileStatus {
        var raw = clinux_status()
        _ = try checked("stat", path) { path.withCString { clinux_status(directory, $0, flags, &raw) } }
        guard let status = FileStatus(raw) else { throw SystemError("stat", path, errno: .invalid) }
        return status
    }

    /// The status of what `path` names.
    package static func status(
        _ path: Path, at directory: CInt = workingDirectory, following: Bool = false
    ) throws(SystemError) -> FileStatus {
        try status(path, at: directory, flags: following ? 0 : CLINUX_AT_SYMLINK_NOFOLLOW)
    }

    /// As ``status(_:at:following:)``, but nil where nothing has that name.
    package static func statusIfPresent(
        _ path: Path, at directory: CInt = workingDirectory, following: Bool = false
    ) throws(SystemError) -> FileStatus? {
        do {
            return try status(path, at: directory, following: following)
        } catch {
            if error.errno == .noEntry || error.errno == .notDirectory { return nil }
            throw error
        }
    }

    /// True when something has that name, a dangling symbolic link too.
    package static func exists(_ path: Path, at directory: CInt = workingDirectory) -> Bool {
        ((try? statusIfPresent(path, at: directory)) ?? nil) != nil
    }

    /// Makes one directory; fails where the name is taken.
    package static func makeDirectory(
        _ path: Path, mode: UInt32 = 0o755, at directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("mkdir", path) { path.withCString { mkdirat(directory, $0, mode) } }
    }

    /// Makes a directory and those above it; content when it is there already.
    package static func makeDirectories(_ path: Path, mode: UInt32 = 0o755) throws(SystemError) {
        if let present = try statusIfPresent(path, following: true) {
            guard present.type == .directory else { throw SystemError("mkdir", path, errno: .notDirectory) }
            return
        }
        if let parent = path.parent { try makeDirectories(parent, mode: mode) }
        do { try makeDirectory(path, mode: mode) } catch { if error.errno != .exists { throw error } }
    }

    /// The path from the root that names the same file without symbolic links. See realpath(3).
    package static func canonical(_ path: Path) throws(SystemError) -> Path {
        guard let resolved = path.withCString({ realpath($0, nil) }) else {
            throw SystemError("realpath", path)
        }
        defer { free(resolved) }
        return Path(bytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }

    /// Where a symbolic link points, as stored.
    package static func readLink(_ path: Path, at directory: CInt = workingDirectory) throws(SystemError) -> Path {
        var buffer = [UInt8](repeating: 0, count: 4097)
        let count = try checked("readlink", path) {
            path.withCString { name in
                buffer.withUnsafeMutableBytes { bytes in
                    readlinkat(
                        directory, name, bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self),
                        bytes.count)
                }
            }
        }
        return Path(bytes: buffer[..<count])
    }

    /// Makes a symbolic link at `path` that holds `target`.
    package static func symlink(
        target: Path, at path: Path, in directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("symlink", path) {
            target.withCString { target in path.withCString { symlinkat(target, directory, $0) } }
        }
    }

    /// Gives the file `existing` a second name `path`.
    package static func link(
        _ existing: Path, at existingDirectory: CInt = workingDirectory, to path: Path,
        in directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("link", path) {
            existing.withCString { from in
                path.withCString { clinux_linkat(existingDirectory, from, directory, $0, 0) }
            }
        }
    }

    /// Moves a name onto another, replacing what was there.
    package static func rename(
        _ path: Path, at directory: CInt = workingDirectory, to target: Path,
        in targetDirectory: CInt = workingDirectory, replacing: Bool = true
    ) throws(SystemError) {
        _ = try checked("rename", path) {
            path.withCString { from in
                target.withCString {
                    clinux_renameat2(
                        directory, from, targetDirectory, $0, replacing ? 0 : UInt32(CLINUX_RENAME_NOREPLACE))
                }
            }
        }
    }

    /// Removes a name that is not a directory.
    package static func unlink(_ path: Path, at directory: CInt = workingDirectory) throws(SystemError) {
        _ = try checked("unlink", path) { path.withCString { unlinkat(directory, $0, 0) } }
    }

    /// Removes an empty directory.
    package static func removeDirectory(_ path: Path, at directory: CInt = workingDirectory) throws(SystemError) {
        _ = try checked("rmdir", path) { path.withCString { unlinkat(directory, $0, CLINUX_AT_REMOVEDIR) } }
    }

    /// Makes a device, FIFO or (with type regular) empty file.
    package static func makeNode(
        _ path: Path, type: FileType, mode: UInt16, device: DeviceNumber = DeviceNumber(),
        at directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("mknod", path) {
            path.withCString {
                clinux_mknodat(directory, $0, type.modeBits | UInt32(mode), device.major, device.minor)
            }
        }
    }

    /// Bytes that an ordinary user may still write to the file system that holds `path`.
    package static func freeSpace(at path: Path) throws(SystemError) -> Int64 {
        var info = statvfs()
        _ = try checked("statvfs", path) { path.withCString { statvfs($0, &info) } }
        let (bytes, overflow) = Int64(clamping: info.f_bavail).multipliedReportingOverflow(
            by: Int64(clamping: info.f_frsize))
        return overflow ? .max : bytes
    }
}
