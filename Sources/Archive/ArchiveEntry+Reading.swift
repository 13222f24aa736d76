import CArchive
import Glibc
import LinuxSystem

extension ArchiveEntry {
    /// Takes over what libarchive read of a header; throws for what no file system can hold.
    init(reading raw: OpaquePointer) throws {
        guard let name = archive_entry_pathname(raw) else {
            throw ArchiveError(.damaged, nil, "an entry has no name that can be read")
        }
        let path = Self.clean(bytes(of: name))
        func id(_ value: Int64, _ what: String) throws -> UInt32 {
            guard let id = UInt32(exactly: value), id != .max else {
                throw ArchiveError(.outOfRange, path, "its \(what) \(value) is out of range")
            }
            return id
        }
        let size = archive_entry_size(raw)
        guard size >= 0 else { throw ArchiveError(.outOfRange, path, "its size \(size) is negative") }
        let nanoseconds = archive_entry_mtime_nsec(raw)
        self.init(
            path: path, type: .regular, mode: UInt16(truncatingIfNeeded: archive_entry_perm(raw) & 0o7777),
            uid: try id(archive_entry_uid(raw), "owner"), gid: try id(archive_entry_gid(raw), "group"),
            modified: FileTime(
                seconds: Int64(archive_entry_mtime(raw)), nanoseconds: Int32(min(max(nanoseconds, 0), 999_999_999))))
        if let target = archive_entry_hardlink(raw) {
            type = .hardLink
            linkTarget = Self.clean(bytes(of: target))
        } else {
            try setType(archive_entry_filetype(raw), raw)
        }
        if type == .regular { self.size = size }
        attributes = Self.attributes(raw)
    }

    private mutating func setType(_ mode: mode_t, _ raw: OpaquePointer) throws {
        switch mode {
        case S_IFREG: type = .regular
        case S_IFDIR: type = .directory
        case S_IFIFO: type = .fifo
        case S_IFLNK:
            type = .symlink
            guard let target = archive_entry_symlink(raw) else {
                throw ArchiveError(.damaged, path, "it is a symbolic link without a target")
            }
            linkTarget = Path(bytes: bytes(of: target))
        case S_IFCHR, S_IFBLK:
            type = mode == S_IFCHR ? .characterDevice : .blockDevice
            guard let major = UInt32(exactly: archive_entry_rdevmajor(raw)),
                let minor = UInt32(exactly: archive_entry_rdevminor(raw)),
                major < 1 << 12, minor < 1 << 20
            else { throw ArchiveError(.outOfRange, path, "its device number is out of range") }
            device = DeviceNumber(major: major, minor: minor)
        default: throw ArchiveError(.unsupported, path, "its type is none that a layer can hold")
        }
    }

    /// Without leading "/" and "./", and trailing "/": ".." is kept, for the reader's user to refuse.
    private static func clean(_ name: [UInt8]) -> Path {
        let kept = name.split(separator: UInt8(ascii: "/")).filter { $0.elementsEqual([UInt8(ascii: ".")]) == false }
        return Path(bytes: kept.joined(separator: [UInt8(ascii: "/")]))
    }

    private static func attributes(_ raw: OpaquePointer) -> [ExtendedAttribute] {
        var found: [[UInt8]: [UInt8]] = [:]
        archive_entry_xattr_reset(raw)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(raw, &name, &value, &size) == ARCHIVE_OK {
            guard let name else { continue }
            found[bytes(of: name)] = Array(UnsafeRawBufferPointer(start: value, count: size))
        }
        return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            ExtendedAttribute(name: $0.key, value: $0.value)
        }
    }
}

/// The bytes of a C string.
private func bytes(of string: UnsafePointer<CChar>) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))
}
