import LinuxSystem

/// What kind of thing an archive entry makes.
package enum EntryType: Hashable, Sendable {
    case regular
    case directory
    case symlink
    case hardLink
    case fifo
    case characterDevice
    case blockDevice
}

/// One extended attribute, name and value in raw bytes.
package struct ExtendedAttribute: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]

    /// An attribute of that name and value.
    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// All that an archive tells of one file but its content.
package struct ArchiveEntry: Hashable, Sendable {
    /// Relative to the tree's root: no leading "/" or "./", no trailing "/"; empty for the root itself. May hold ".."
    /// components when it was read from a hostile archive: whoever applies it refuses those.
    package var path: Path
    package var type: EntryType
    /// Permission, set-id and sticky bits (07777).
    package var mode: UInt16
    package var uid: UInt32
    package var gid: UInt32
    /// Length of the content in bytes; 0 for all but regular files.
    package var size: Int64
    /// Last change of the content.
    package var modified: FileTime
    /// For symbolic links the target as stored; for hard links the path of the file, relative to the tree's root.
    package var linkTarget: Path?
    /// For device files, the device.
    package var device: DeviceNumber
    /// Extended attributes, sorted by name.
    package var attributes: [ExtendedAttribute]

    /// An entry of that path and type, owned by 0:0, empty, of the year 1970, unless told otherwise.
    package init(
        path: Path, type: EntryType, mode: UInt16 = 0, uid: UInt32 = 0, gid: UInt32 = 0, size: Int64 = 0,
        modified: FileTime = FileTime(seconds: 0), linkTarget: Path? = nil, device: DeviceNumber = DeviceNumber(),
        attributes: [ExtendedAttribute] = []
    ) {
        self.path = path
        self.type = type
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.modified = modified
        self.linkTarget = linkTarget
        self.device = device
        self.attributes = attributes
    }
}
