import CLinux
import Glibc

/// What kind of thing a name in a file tree stands for.
package enum FileType: UInt8, Hashable, Sendable {
    case regular
    case directory
    case symlink
    case fifo
    case socket
    case characterDevice
    case blockDevice

    /// The type in a mode word, or nil for bits that no kernel gives.
    package init?(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symlink
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        default: return nil
        }
    }

    /// The type's bits of a mode word.
    package var modeBits: UInt32 {
        switch self {
        case .regular: S_IFREG
        case .directory: S_IFDIR
        case .symlink: S_IFLNK
        case .fifo: S_IFIFO
        case .socket: S_IFSOCK
        case .characterDevice: S_IFCHR
        case .blockDevice: S_IFBLK
        }
    }
}

/// A point in time as file systems keep it: seconds since 1970 (may be negative) and 0..<1e9 nanoseconds.
package struct FileTime: Hashable, Comparable, Sendable {
    package var seconds: Int64
    package var nanoseconds: Int32

    /// A time of whole seconds and a fraction.
    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The time now, by the system's clock.
    package static var now: FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}

/// The number of a character or block device.
package struct DeviceNumber: Hashable, Sendable {
    package var major: UInt32
    package var minor: UInt32

    /// A device of this major and minor number.
    package init(major: UInt32 = 0, minor: UInt32 = 0) {
        self.major = major
        self.minor = minor
    }
}

/// What statx(2) tells of a file.
package struct FileStatus: Hashable, Sendable {
    package var type: FileType
    /// Permission, set-id and sticky bits (07777).
    package var mode: UInt16
    package var uid: UInt32
    package var gid: UInt32
    /// Length in bytes.
    package var size: Int64
    /// Allocated units of 512 bytes.
    package var blocks: Int64
    package var inode: UInt64
    /// The file system that holds it.
    package var device: UInt64
    /// For device files, the device.
    package var deviceNumber: DeviceNumber
    /// How many names the inode has.
    package var links: UInt32
    /// Last change of the content.
    package var modified: FileTime
    /// Last change of content or metadata.
    package var changed: FileTime

    /// What the call `clinux_status` gave; nil for a type that no kernel gives.
    package init?(_ raw: clinux_status) {
        guard let type = FileType(mode: raw.mode) else { return nil }
        self.type = type
        mode = UInt16(raw.mode & 0o7777)
        uid = raw.uid
        gid = raw.gid
        size = Int64(clamping: raw.size)
        blocks = Int64(clamping: raw.blocks)
        inode = raw.inode
        device = raw.device
        deviceNumber = DeviceNumber(major: raw.rdev_major, minor: raw.rdev_minor)
        links = raw.links
        modified = FileTime(seconds: raw.mtime_seconds, nanoseconds: Int32(clamping: raw.mtime_nanoseconds))
        changed = FileTime(seconds: raw.ctime_seconds, nanoseconds: Int32(clamping: raw.ctime_nanoseconds))
    }
}
