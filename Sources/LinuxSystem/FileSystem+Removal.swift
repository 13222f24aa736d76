import CLinux
import Glibc

extension FileSystem {
    /// Removes whatever `path` names, a whole tree too; content when there is nothing. Directories that deny entry to
    /// their owner are opened up first. Never follows a symbolic link and never leaves the file system tree of `path`.
    package static func removeTree(_ path: Path) throws(SystemError) {
        guard let status = try statusIfPresent(path) else { return }
        guard status.type == .directory else { return try unlink(path) }
        // A stack of open directories would be bounded by the descriptor limit, so the tree is flattened instead: a
        // directory below the depth limit is moved up beside the top, and removed in its turn.
        var moved = 0
        try emptyDirectory(path, at: workingDirectory, depth: 0, top: path, moved: &moved)
        try removeDirectory(path)
    }

    private static let deepest = 64

    private static func emptyDirectory(
        _ name: Path, at parent: CInt, depth: Int, top: Path, moved: inout Int
    ) throws(SystemError) {
        let directory = try openForRemoval(name, at: parent)
        var opened = false
        for entry in try DirectoryListing.entries(of: directory) {
            do throws(SystemError) {
                try removeEntry(entry, in: directory, depth: depth, top: top, moved: &moved)
            } catch {
                guard error.errno == .accessDenied, !opened else { throw error }
                opened = true
                _ = try checked("chmod", name) { fchmod(directory.raw, 0o700) }
                try removeEntry(entry, in: directory, depth: depth, top: top, moved: &moved)
            }
        }
    }

    private static func openForRemoval(_ name: Path, at parent: CInt) throws(SystemError) -> OwnedDescriptor {
        let flags = O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW
        do throws(SystemError) {
            return try OwnedDescriptor.open(name, flags, at: parent)
        } catch {
            guard error.errno == .accessDenied else { throw error }
        }
        try setMode(name, 0o700, at: parent)
        return try OwnedDescriptor.open(name, flags, at: parent)
    }

    private static func removeEntry(
        _ entry: DirectoryEntry, in directory: borrowing OwnedDescriptor, depth: Int, top: Path, moved: inout Int
    ) throws(SystemError) {
        if entry.type != .directory {
            do throws(SystemError) {
                return try unlink(entry.name, at: directory.raw)
            } catch {
                if error.errno == .noEntry { return }
                guard error.errno == .isDirectory else { throw error }
            }
        }
        if depth >= deepest {
            moved += 1
            let refuge = top / Path(".ocibuild-removal-\(getpid())-\(moved)")
            try rename(entry.name, at: directory.raw, to: refuge)
            try emptyDirectory(refuge, at: workingDirectory, depth: 0, top: top, moved: &moved)
            return try removeDirectory(refuge)
        }
        try emptyDirectory(entry.name, at: directory.raw, depth: depth + 1, top: top, moved: &moved)
        try removeDirectory(entry.name, at: directory.raw)
    }
}
