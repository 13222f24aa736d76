import LinuxSystem

/// Where the sandbox's own mounts go in a tree, and which of those places the tree lacks.
struct TreeLayout {
    /// A provided file at the place where the tree's links lead it.
    struct File {
        var target: Path
        var content: [UInt8]
        var mode: UInt16
    }

    /// A place to mount on.
    struct MountPoint: Hashable {
        var path: Path
        var isDirectory: Bool
    }

    var files: [File] = []
    var mounts: MountLayout?
    /// Mount points that are not in the tree.
    var missing: [MountPoint] = []
    /// A directory with just those, to be the topmost of the lower layers: the step finds them, the upper directory
    /// never hears of them.
    var stubLayer: Path?

    /// Where file systems of the kernel are mounted.
    static let kernelDirectories: [Path] = ["/dev", "/proc", "/sys"]

    init() {}

    /// Looks at `tree`; refuses one that has something else where a mount belongs (CVE-2025-31133 and its like).
    init(of spec: SandboxSpec, in tree: LayeredTree, kernelDirectories: [Path] = kernelDirectories) throws {
        for path in kernelDirectories {
            guard let name = path.lastComponent else { continue }
            switch try tree.child(name, of: tree.layers) {
            case .directory: break
            case .missing: missing.append(MountPoint(path: path, isDirectory: true))
            case .file(_, let status):
                throw SandboxError(
                    .tree, path.description,
                    "is a \(status.type) in the tree that the step runs in; it has to be a directory, or absent")
            }
        }
        let placed = try MountLayout(spec.mounts, in: tree)
        mounts = placed
        missing += placed.missing
        for file in spec.files {
            let path = Path(file.path)
            guard path.isAbsolute, !path.components.isEmpty, !path.bytes.contains(0) else {
                throw SandboxError(.request, path.description, "a provided file needs an absolute path")
            }
            let resolution = try tree.resolve(path)
            let target = resolution.path
            // What the definition mounts there is what it wants to be there.
            if placed.mounts.contains(where: { target.hasPrefix($0.target) }) { continue }
            if kernelDirectories.contains(where: { target.hasPrefix($0) }) {
                throw SandboxError(.tree, path.description, "leads to \(target), where the sandbox has its own files")
            }
            switch resolution.node {
            case .missing: missing.append(MountPoint(path: target, isDirectory: false))
            case .file(_, let status) where status.type == .regular: break
            case .file(_, let status):
                throw SandboxError(.tree, path.description, "is a \(status.type) in the tree; a file is provided there")
            case .directory:
                throw SandboxError(.tree, path.description, "is a directory in the tree; a file is provided there")
            }
            files.append(File(target: target, content: file.content, mode: file.mode))
        }
    }
}
