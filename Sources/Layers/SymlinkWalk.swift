import LinuxSystem

/// Resolves paths inside a tree that is known only by questions, as the kernel would with that tree as its root.
struct SymlinkWalk {
    /// What a name in the tree is, as far as resolution cares.
    enum Step {
        case directory
        case symlink(Path)
        case other
        case missing
    }

    /// As many as the kernel follows.
    static let bound = 40

    /// What is at a path whose parents are directories.
    let step: (Path) throws -> Step

    /// The path with every symbolic link in it replaced by where it leads; ".." stops at the root. Names that do not
    /// exist stay as they are, so a path may be resolved before it is made. A file used as a directory is an error.
    func resolve(_ path: Path, followingLast: Bool) throws -> Path {
        var pending = Array(path.components.reversed())
        var resolved: Path = ""
        var followed = 0
        while let name = pending.popLast() {
            if name.isSelfReference { continue }
            if name.isParentReference {
                resolved = resolved.directory
                continue
            }
            let here = resolved / name
            // Links to long paths, one after the other, could make it as long as they like.
            guard here.bytes.count <= LayerLimits.pathBytes else {
                throw LayersError(
                    .unsafePath, path,
                    "its symbolic links lead to a path of more than \(LayerLimits.pathBytes) bytes, which Linux does not take"
                )
            }
            if pending.isEmpty, !followingLast { return here }
            switch try step(here) {
            case .directory, .missing:
                resolved = here
            case .other:
                guard pending.isEmpty else {
                    throw LayersError(.invalidEntry, path, "/\(here) is a file, but the path uses it as a directory")
                }
                resolved = here
            case .symlink(let target):
                followed += 1
                guard followed <= Self.bound else {
                    throw LayersError(.symlinkLoop, path, "the path has more than \(Self.bound) symbolic links in it")
                }
                if target.isAbsolute { resolved = "" }
                pending.append(contentsOf: target.components.reversed())
            }
        }
        return resolved
    }
}
