import CLinux
import Glibc

extension FileSystem {
    /// Removes whatever `path` names, a whole tree too; content when there is nothing. Directories that deny entry to
    /// their owner are opened up first. Never follows a symbolic link and never leaves the file system tree of `path`.
    package static func removeTree(_ path: Path) throws(SystemError) {
        guard let status = try statusIfPresent(path) else { return }
        guard status.type == .directory else { return try unlink(path) }
        // One open directory a level would be bounded by the descriptor limit, so a tree is taken away in slices: what
        // lies deeper is moved up to the top, and goes with the next slice.
        var removal = Removal(top: path)
        repeat {
            removal.hasMoved = false
            try removal.empty(path, at: workingDirectory, depth: 0)
        } while removal.hasMoved
        try removeDirectory(path)
    }
}

/// One tree on its way out.
private struct Removal {
    /// Levels that are removed in place.
    static let deepest = 64

    let top: Path
    /// True when directories were moved to the top since this was last set to false.
    var hasMoved = false

    mutating func empty(_ name: Path, at parent: CInt, depth: Int) throws(SystemError) {
        let directory = try open(name, at: parent)
        for entry in try DirectoryListing.entries(of: directory) {
            do throws(SystemError) {
                try remove(entry, in: directory, depth: depth)
            } catch {
                guard error.errno == .accessDenied else { throw error }
                _ = try checked("chmod", name) { fchmod(directory.raw, 0o700) }
                try remove(entry, in: directory, depth: depth)
            }
        }
    }

    private func open(_ name: Path, at parent: CInt) throws(SystemError) -> OwnedDescriptor {
        let flags = O_RDONLY | CLINUX_O_DIRECTORY | CLINUX_O_NOFOLLOW
        do throws(SystemError) {
            return try OwnedDescriptor.open(name, flags, at: parent)
        } catch {
            guard error.errno == .accessDenied else { throw error }
        }
        try FileSystem.setMode(name, 0o700, at: parent)
        return try OwnedDescriptor.open(name, flags, at: parent)
    }

    private mutating func remove(
        _ entry: DirectoryEntry, in directory: borrowing OwnedDescriptor, depth: Int
    ) throws(SystemError) {
        if entry.type != .directory {
            do throws(SystemError) {
                return try FileSystem.unlink(entry.name, at: directory.raw)
            } catch {
                if error.errno == .noEntry { return }
                guard error.errno == .isDirectory else { throw error }
            }
        }
        if depth >= Self.deepest, try moveToTop(entry.name, in: directory) { return }
        try empty(entry.name, at: directory.raw, depth: depth + 1)
        try FileSystem.removeDirectory(entry.name, at: directory.raw)
    }

    /// False where the file system does not let directories change their place, as an overlay does with lower ones.
    private mutating func moveToTop(_ name: Path, in directory: borrowing OwnedDescriptor) throws(SystemError) -> Bool {
        // The tree may be anybody's, so the new name must not be one that it could have chosen.
        let refuge = top / Path(".removed-" + String(UInt64.random(in: .min ... .max), radix: 36))
        do throws(SystemError) {
            try FileSystem.rename(name, at: directory.raw, to: refuge)
        } catch {
            if error.errno == .crossDevice { return false }
            guard error.errno == .accessDenied else { throw error }
            // A directory changes its parent only if it may be written to, as both parents.
            try FileSystem.setMode(top, 0o700)
            try FileSystem.setMode(name, 0o700, at: directory.raw)
            _ = try checked("chmod", name) { fchmod(directory.raw, 0o700) }
            try FileSystem.rename(name, at: directory.raw, to: refuge)
        }
        hasMoved = true
        return true
    }
}
