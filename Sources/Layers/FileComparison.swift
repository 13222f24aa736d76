import Archive
import Glibc
import LinuxSystem

/// Whether a file is the same before and after a step, in everything that a layer carries.
enum FileComparison {
    /// True when the statuses tell a difference by themselves. The size of a directory belongs to the file system.
    static func differ(_ before: FileStatus, _ after: FileStatus) -> Bool {
        if before.type != after.type || before.mode != after.mode || before.uid != after.uid
            || before.gid != after.gid || before.modified != after.modified
        {
            return true
        }
        switch after.type {
        case .regular, .symlink: return before.size != after.size
        case .characterDevice, .blockDevice: return before.deviceNumber != after.deviceNumber
        case .directory, .fifo, .socket: return false
        }
    }

    /// True when attributes, link target or content differ, of files whose statuses do not.
    static func differInside(
        _ before: Path, _ after: Path, _ status: FileStatus, ownership: TreeOwnership
    ) throws -> Bool {
        let attributes = try LayerAttributes.read(after, ownership: ownership)
        if try LayerAttributes.read(before, ownership: ownership) != attributes { return true }
        switch status.type {
        case .symlink: return try FileSystem.readLink(before) != FileSystem.readLink(after)
        case .regular: return try status.size > 0 && contentsDiffer(before, after)
        default: return false
        }
    }

    private static func contentsDiffer(_ before: Path, _ after: Path) throws -> Bool {
        let flags = O_RDONLY | O_NOFOLLOW
        let first = FileByteReader(adopting: try OwnedDescriptor.open(before, flags))
        let second = FileByteReader(adopting: try OwnedDescriptor.open(after, flags))
        let firstBuffer = ReadBuffer(count: 256 << 10)
        let secondBuffer = ReadBuffer(count: 256 << 10)
        while true {
            let count = try first.readFully(into: firstBuffer.bytes)
            guard try second.readFully(into: secondBuffer.bytes) == count else { return true }
            if count == 0 { return false }
            guard let one = firstBuffer.bytes.baseAddress, let two = secondBuffer.bytes.baseAddress,
                memcmp(one, two, count) == 0
            else { return true }
        }
    }
}
