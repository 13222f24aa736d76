import Glibc
import LinuxSystem

extension LowerTree {
    /// A small regular file of the view, symbolic links followed inside it; nil where there is none, or where it has
    /// more than `limit` bytes.
    package func regularFile(_ path: Path, limit: Int) throws -> [UInt8]? {
        // A link that leads in circles, or through a file, leads to no file.
        guard let real = try? resolve(path, followingLast: true), let found = try lookup(real),
            found.status.type == .regular, found.status.size <= Int64(limit)
        else { return nil }
        let file = try OwnedDescriptor.open(place(of: found, real), O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
        return try FileByteReader(adopting: file).readAll(limit: limit)
    }

    /// The directories that are not there and without which `path` cannot be entered, outermost first, relative to the
    /// root, with the symbolic links before them resolved. Empty where something is at `path` already.
    package func missingDirectories(for path: Path) throws -> [Path] {
        let real = try resolve(path, followingLast: true)
        var missing: [Path] = []
        var here: Path? = real
        while let directory = here, !directory.isEmpty, try lookup(directory) == nil {
            missing.append(directory)
            here = directory.parent
        }
        return missing.reversed()
    }
}
