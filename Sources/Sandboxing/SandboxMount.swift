import LinuxSystem

/// Something that a step sees at a place of its tree while it runs, and that leaves no trace there.
package struct SandboxMount: Hashable, Sendable {
    /// What is to be seen.
    package enum Content: Hashable, Sendable {
        /// A file or directory of the host: what `path` leads to for a process whose root is `root`. The `chroot` rung
        /// moves it into the step's tree and back again, so there it must be on the same file system, and nobody else's
        /// meanwhile.
        case tree(root: Path, path: Path, isReadOnly: Bool)
        /// The same in the overlay of several directories; not on the `chroot` rung.
        case merged(OverlayTree, path: Path, isReadOnly: Bool)
        /// An empty directory in memory, of at most so many bytes. On the `chroot` rung it is on the disk, unlimited.
        case temporary(size: Int64?)
        /// A file that is in memory only; not on the `chroot` rung.
        case file([UInt8], mode: UInt16, uid: UInt32, gid: UInt32)
    }

    /// An overlay that is put together for one step.
    package struct OverlayTree: Hashable, Sendable {
        /// Topmost first; at least one.
        package var lowers: [Path]
        /// Empty directories of one file system, where changes go.
        package var upper: Path
        package var work: Path
        /// An empty directory to mount it on.
        package var point: Path
        /// A directory above the others, to make their names short.
        package var base: Path

        /// An overlay of these directories.
        package init(lowers: [Path], upper: Path, work: Path, point: Path, base: Path) {
            self.lowers = lowers
            self.upper = upper
            self.work = work
            self.point = point
            self.base = base
        }
    }

    /// Absolute, as the step sees it. Links in the step's tree are followed inside it.
    package var target: String
    package var content: Content

    /// A mount of `content` at `target`.
    package init(_ content: Content, at target: String) {
        self.content = content
        self.target = target
    }

    /// The tree that the content is looked up in, and the path there; nil where it has neither.
    func place(_ overlayPrefix: String) -> (tree: LayeredTree, path: Path)? {
        switch content {
        case .tree(let root, let path, _): (LayeredTree(.directory(root)), path)
        case .merged(let tree, let path, _):
            (LayeredTree(layers: [tree.upper] + tree.lowers, overlayPrefix: overlayPrefix), path)
        case .temporary, .file: nil
        }
    }
}
