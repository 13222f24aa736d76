/// What a file is to the steps of a build, where the file system was not allowed to keep it: the owner, the mode and,
/// for devices, the type, kept in an extended attribute of the file.
///
/// A file without a record belongs to 0:0 and has the mode of its inode. Twenty bytes, little-endian: version (1), type
/// (0: as the inode is; 2: character device, 6: block device, as in `mode >> 12`), mode (2), uid (4), gid (4), major (4),
/// minor (4). The sandbox's supervisor reads and writes the same bytes.
package struct InodeRecord: Hashable, Sendable {
    /// The attribute of the record.
    package static let attribute = Array("user.ocibuild.inode".utf8)
    /// The attribute that stands for `security.capability`, with its value of revision 2.
    package static let capabilityAttribute = Array("user.ocibuild.capability".utf8)
    /// What both begin with. Neither layers nor steps may see or set such attributes.
    package static let attributePrefix = Array("user.ocibuild.".utf8)

    private static let version: UInt8 = 1
    private static let length = 20

    /// A device, kept as an empty regular file; nil where the inode has its own type.
    package var device: Device?
    /// Permission, set-id and sticky bits (07777).
    package var mode: UInt16
    /// The owner.
    package var uid: UInt32
    /// The group.
    package var gid: UInt32

    /// A device that the file stands for.
    package struct Device: Hashable, Sendable {
        /// True for a block device, false for a character device.
        package var isBlock: Bool
        /// Which device.
        package var number: DeviceNumber

        /// A device of that kind and number.
        package init(isBlock: Bool, number: DeviceNumber) {
            self.isBlock = isBlock
            self.number = number
        }
    }

    /// A record of these parts.
    package init(device: Device? = nil, mode: UInt16, uid: UInt32, gid: UInt32) {
        self.device = device
        self.mode = mode & 0o7777
        self.uid = uid
        self.gid = gid
    }

    /// Reads a record; nil for anything else, which is ignored. A character device 0:0 is a deletion and never a file.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes[0] == Self.version else { return nil }
        func number(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        let numbers = DeviceNumber(major: number(12), minor: number(16))
        switch bytes[1] {
        case 0: device = nil
        case 2:
            guard numbers != DeviceNumber() else { return nil }
            device = Device(isBlock: false, number: numbers)
        case 6: device = Device(isBlock: true, number: numbers)
        default: return nil
        }
        mode = (UInt16(bytes[2]) | UInt16(bytes[3]) << 8) & 0o7777
        uid = number(4)
        gid = number(8)
    }

    /// The bytes that ``init(decoding:)`` reads.
    package var encoded: [UInt8] {
        let type: UInt8 = device.map { $0.isBlock ? 6 : 2 } ?? 0
        var bytes: [UInt8] = [Self.version, type, UInt8(mode & 0xFF), UInt8(mode >> 8)]
        for number in [uid, gid, device?.number.major ?? 0, device?.number.minor ?? 0] {
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return bytes
    }

    /// The record of the file at `path`, if it has one. Throws where the file cannot be read.
    package static func read(_ path: Path) throws(SystemError) -> InodeRecord? {
        try ExtendedAttributes.value(attribute, of: path).flatMap { InodeRecord(decoding: $0) }
    }

    /// What the file is, whose inode has the status `real`. A device can only be recorded on a regular file. Set-id bits are
    /// the inode's as well, from which the kernel takes them when somebody writes to the file.
    package func covering(_ real: FileStatus) -> FileStatus {
        var status = real
        if let device {
            guard real.type == .regular else { return real }
            status.type = device.isBlock ? .blockDevice : .characterDevice
            status.deviceNumber = device.number
            status.size = 0
        }
        status.mode = device == nil ? mode & (real.mode | ~0o6000) : mode
        status.uid = uid
        status.gid = gid
        return status
    }
}
