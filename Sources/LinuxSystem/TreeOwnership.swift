/// How a tree of files keeps owners, modes and devices, which depends on what the process may do.
package enum TreeOwnership: Hashable, Sendable {
    /// As they are.
    case real
    /// In a user namespace of many ids: as they are, but a device, which nobody may make there, is an empty file with an
    /// ``InodeRecord``.
    case mapped
    /// The process is nobody special: all files are its own, and ``InodeRecord`` says what they are. Symbolic links,
    /// FIFOs and sockets take no such attribute; their owners are kept beside the tree.
    case recorded

    /// The mode that an inode gets whose file has `mode`: its owner, who has no right over it but that of the owner, must
    /// be able to read files and to work in directories. Set-id bits stay, for the kernel to act on.
    package func inodeMode(_ mode: UInt16, of type: FileType) -> UInt16 {
        guard self == .recorded else { return mode }
        return switch type {
        case .directory: mode | 0o700
        case .regular: mode | 0o400
        default: mode
        }
    }

    /// True for files that take attributes of users, which records are.
    package static func takesRecord(_ type: FileType) -> Bool { type == .regular || type == .directory }
}

extension TreeOwnership {
    /// What the file at `path` is to the steps of a build; its inode has the status `real`. The owners of links, FIFOs
    /// and sockets of a recorded tree are not known here, and are given as 0:0.
    package func truth(of real: FileStatus, at path: Path) throws(SystemError) -> FileStatus {
        switch self {
        case .real: return real
        case .mapped:
            guard real.type == .regular, real.size == 0, let record = try InodeRecord.read(path), record.device != nil
            else { return real }
            return record.covering(real)
        case .recorded:
            var status = real
            status.uid = 0
            status.gid = 0
            guard Self.takesRecord(real.type), let record = try InodeRecord.read(path) else { return status }
            return record.covering(status)
        }
    }

    /// What the file at `path` is to the steps of a build; a symbolic link is not followed.
    package func status(_ path: Path) throws(SystemError) -> FileStatus {
        try truth(of: FileSystem.status(path), at: path)
    }
}

extension TreeOwnership {
    /// Makes a device, or the file that stands for one, which then is all that it needs to be. True where it is a real
    /// one, of mode 0600 and the process's own: owner and mode are left to the caller.
    /// - Parameter place: the way to `name` that extended attributes take, which know no directory descriptors.
    package func makeDevice(
        _ name: Path, at directory: CInt = FileSystem.workingDirectory, place: Path, as record: InodeRecord
    ) throws(SystemError) -> Bool {
        let device = record.device ?? InodeRecord.Device(isBlock: false, number: DeviceNumber())
        if self != .recorded {
            do throws(SystemError) {
                let type: FileType = device.isBlock ? .blockDevice : .characterDevice
                try FileSystem.makeNode(name, type: type, mode: 0o600, device: device.number, at: directory)
                return true
            } catch {
                guard self == .mapped, error.errno == .permission else { throw error }
            }
        }
        try FileSystem.makeNode(name, type: .regular, mode: 0o600, at: directory)
        try record.write(to: place)
        return false
    }

    /// Records mode and owner of a file of a recorded tree where its inode does not tell them; its owner must be able to
    /// write to it.
    package func record(
        mode: UInt16, uid: UInt32, gid: UInt32, of type: FileType, at path: Path
    ) throws(SystemError) {
        if uid != 0 || gid != 0 || mode != inodeMode(mode, of: type) {
            try InodeRecord(mode: mode, uid: uid, gid: gid).write(to: path)
        } else {
            try ExtendedAttributes.remove(InodeRecord.attribute, of: path)
        }
    }
}

extension InodeRecord {
    /// Puts the record on a file that its owner may write to.
    package func write(to path: Path) throws(SystemError) {
        try ExtendedAttributes.set(Self.attribute, encoded, of: path)
    }
}
