import Dockerfile
import Glibc
import LinuxSystem

/// The folder that a definition may copy from, less what its ignore file excludes. Nothing in it is trusted: symbolic
/// links are resolved inside it.
package struct BuildContext: Sendable {
    /// The folder, absolute and free of symbolic links.
    package let root: Path
    /// What is left out, and the file that says so.
    package let ignore: IgnorePatterns?
    /// The ignore file's name, for messages.
    package let ignoreFile: String?
    /// What is known of the content of the folder's files.
    package let digests: ContentDigests

    /// A context in the folder `root`.
    package init(root: Path, ignore: IgnorePatterns?, ignoreFile: String?, digests: ContentDigests) {
        self.root = root
        self.ignore = ignore
        self.ignoreFile = ignoreFile
        self.digests = digests
    }

    /// True when the ignore file excludes the path (relative to the root). The root itself is never excluded.
    func ignores(_ path: Path) -> Bool { !path.isEmpty && ignore?.ignores(path.bytes) ?? false }

    /// True when something below an excluded folder may be included again.
    func mayInclude(below path: Path) -> Bool { ignore?.mayContainException(below: path.bytes) ?? false }

    /// Follows `path`, its final symbolic link too, as if the context were the root of the file system, and returns
    /// where it leads, relative to the root; nil where nothing is there.
    func resolve(_ path: Path) throws -> Path? {
        var pending = path.components.reversed() as [Path]
        var resolved = Path("")
        var links = 0
        while let component = pending.popLast() {
            if component == "." { continue }
            if component == ".." {
                resolved = resolved.parent ?? ""
                continue
            }
            let next = resolved / component
            guard let status = try FileSystem.statusIfPresent(root / next) else { return nil }
            guard status.type == .symlink else {
                resolved = next
                continue
            }
            links += 1
            guard links <= 40 else { throw SystemError("resolve", root / path, errno: .loop) }
            let target = try FileSystem.readLink(root / next)
            if target.isAbsolute { resolved = "" }
            pending.append(contentsOf: target.components.reversed())
        }
        return resolved
    }

    /// The entries of a folder of the context, sorted by name.
    func entries(of folder: Path) throws -> [DirectoryEntry] {
        try DirectoryListing.entries(at: folder.isEmpty ? root : root / folder).sorted { $0.name < $1.name }
    }
}
