import Archive
import LinuxSystem

extension ArchiveEntry {
    /// What a layer says of a file of that status; link target and attributes are the caller's to add.
    init(path: Path, status: FileStatus) {
        let type: EntryType =
            switch status.type {
            case .regular, .socket: .regular
            case .directory: .directory
            case .symlink: .symlink
            case .fifo: .fifo
            case .characterDevice: .characterDevice
            case .blockDevice: .blockDevice
            }
        self.init(
            path: path, type: type, mode: status.mode, uid: status.uid, gid: status.gid,
            size: status.type == .regular ? status.size : 0, modified: status.modified, device: status.deviceNumber)
    }
}
