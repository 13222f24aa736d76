import Layers
import LinuxSystem

/// Makes a recorded tree the ordinary files of the user who has it: for those who want to look into an image, and could
/// neither use other people's files nor get rid of them.
enum OwnFiles {
    /// Removes all records from the tree at `root`. What no ordinary user can have goes: devices, and bits that would
    /// let others act as this user.
    static func strip(_ root: Path) throws {
        for entry in try DirectoryListing.entries(at: root) {
            let place = root / entry.name
            let status = try FileSystem.status(place)
            guard TreeOwnership.takesRecord(status.type) else { continue }
            if try InodeRecord.read(place)?.device != nil, status.type == .regular {
                let time = try FileSystem.status(root).modified
                try FileSystem.unlink(place)
                try FileSystem.setModified(root, time)
                continue
            }
            if status.type == .directory { try strip(place) }
            // Only a file that its owner may write to gives attributes away.
            try FileSystem.setMode(place, status.mode | 0o200)
            for name in try ExtendedAttributes.names(of: place) where name.starts(with: InodeRecord.attributePrefix) {
                try ExtendedAttributes.remove(name, of: place)
            }
            try FileSystem.setMode(place, status.mode & 0o1777)
        }
    }
}
