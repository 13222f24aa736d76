import CLinux
import Glibc

extension FileSystem {
    /// When `path` itself was made, or nil where its file system does not keep that. Inode numbers are given anew, and
    /// this tells their bearers apart.
    package static func birth(of path: Path, at directory: CInt = workingDirectory) throws(SystemError) -> FileTime? {
        var seconds: Int64 = 0
        var nanoseconds: UInt32 = 0
        let isKnown = try checked("stat", path) {
            path.withCString { clinux_birth(directory, $0, &seconds, &nanoseconds) }
        }
        return isKnown == 1 ? FileTime(seconds: seconds, nanoseconds: Int32(clamping: nanoseconds)) : nil
    }

    /// Sets the owner of `path` itself, never of a symbolic link's target. Clears set-id bits: set the mode afterwards.
    package static func setOwner(
        _ path: Path, uid: UInt32, gid: UInt32, at directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("chown", path) {
            path.withCString { clinux_fchownat(directory, $0, uid, gid, CLINUX_AT_SYMLINK_NOFOLLOW) }
        }
    }

    /// Sets the permission bits. The kernel follows a symbolic link here, so the caller has made sure that it is none.
    package static func setMode(
        _ path: Path, _ mode: UInt16, at directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("chmod", path) { path.withCString { fchmodat(directory, $0, UInt32(mode), 0) } }
    }

    /// Sets the modification time of `path` itself; the access time stays.
    package static func setModified(
        _ path: Path, _ time: FileTime, at directory: CInt = workingDirectory
    ) throws(SystemError) {
        _ = try checked("utimensat", path) {
            path.withCString {
                clinux_utimensat(
                    directory, $0, time.seconds, Int(time.nanoseconds), CLINUX_AT_SYMLINK_NOFOLLOW)
            }
        }
    }
}
