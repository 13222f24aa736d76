import Archive
import LinuxSystem

extension TreeOwnership {
    /// Gives the file at `path`, which was just made with the right type and which nobody else changes, all that `entry`
    /// says of it but its content and time. The owners of links and FIFOs of a recorded tree are left to the caller.
    package func describe(_ path: Path, as entry: ArchiveEntry) throws(SystemError) {
        if self != .recorded {
            try FileSystem.setOwner(path, uid: entry.uid, gid: entry.gid)
            if entry.type != .symlink { try FileSystem.setMode(path, entry.mode) }
            return try setAttributes(entry, of: path)
        }
        switch entry.type {
        case .regular, .directory, .hardLink:
            let type: FileType = entry.type == .directory ? .directory : .regular
            // Only a file that its owner may write to takes attributes.
            try FileSystem.setMode(path, type == .directory ? 0o700 : 0o600)
            try setAttributes(entry, of: path)
            try record(mode: entry.mode, uid: entry.uid, gid: entry.gid, of: type, at: path)
            try FileSystem.setMode(path, inodeMode(entry.mode, of: type))
        case .symlink, .characterDevice, .blockDevice: try setAttributes(entry, of: path)
        case .fifo:
            try FileSystem.setMode(path, entry.mode)
            try setAttributes(entry, of: path)
        }
    }

    /// Sets the extended attributes of a file that its owner may write to, or what stands for them. Left out is what the
    /// kernel keeps for nobody, and what only a more privileged process may set: the layer's blob still has it.
    func setAttributes(_ entry: ArchiveEntry, of path: Path) throws(SystemError) {
        let isPlain = entry.type == .regular || entry.type == .directory
        for attribute in entry.attributes {
            // The kernel keeps user attributes for files and directories only; a layer that has one elsewhere asks for
            // what no file system can give. Here the file that stands for a device could have one.
            if !isPlain, attribute.name.starts(with: Self.userPrefix) { continue }
            var name = attribute.name
            if self == .recorded, name == LayerAttributes.capability {
                guard isPlain else { continue }
                guard Self.isCapability(attribute.value) else { throw SystemError("setxattr", path, errno: .invalid) }
                name = InodeRecord.capabilityAttribute
            }
            do throws(SystemError) {
                try ExtendedAttributes.set(name, attribute.value, of: path)
            } catch {
                let isPrivileged = Self.privilegedPrefixes.contains { name.starts(with: $0) }
                guard error.errno == .permission, isPrivileged else { throw error }
            }
        }
    }

    private static let userPrefix = Array("user.".utf8)
    private static let privilegedPrefixes = ["trusted.", "security."].map { Array($0.utf8) }

    /// What the kernel takes as `security.capability`: revision 2 or 3, of their lengths. See capabilities(7).
    private static func isCapability(_ value: [UInt8]) -> Bool {
        (value.count == 20 && value[3] == 2) || (value.count == 24 && value[3] == 3)
    }
}

extension ArchiveEntry {
    /// What a recorded device of this entry is; nil for all that is no device.
    package var deviceRecord: InodeRecord? {
        guard type == .characterDevice || type == .blockDevice else { return nil }
        let device = InodeRecord.Device(isBlock: type == .blockDevice, number: device)
        return InodeRecord(device: device, mode: mode, uid: uid, gid: gid)
    }

    /// The path, type, mode, owner and device of a file of that status, without content and attributes; nil for a socket.
    init?(path: Path, status: FileStatus) {
        let type: EntryType
        switch status.type {
        case .regular: type = .regular
        case .directory: type = .directory
        case .symlink: type = .symlink
        case .fifo: type = .fifo
        case .characterDevice: type = .characterDevice
        case .blockDevice: type = .blockDevice
        case .socket: return nil
        }
        self.init(
            path: path, type: type, mode: status.mode, uid: status.uid, gid: status.gid,
            size: type == .regular ? status.size : 0, modified: status.modified, device: status.deviceNumber)
    }
}
