import Archive
import LinuxSystem

/// One thing that a step changed in its file tree.
package struct Change: Hashable, Sendable {
    /// What became of the path.
    package enum Kind: Hashable, Sendable {
        /// The name now is this; `entry.path` equals the change's path.
        case entry(ArchiveEntry)
        /// The name, and all below it, is gone.
        case whiteout
        /// What the layers below have in this directory is gone. The differs never make it: they write one whiteout
        /// for each name, so that both give the same bytes.
        case opaque
    }

    /// The path from the root of the tree, without leading slash; "" is the root itself.
    package var path: Path
    package var kind: Kind

    package init(path: Path, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

/// All that a step changed, ready to become a layer.
package struct Changeset: Sendable {
    /// In byte order of the path, each path once.
    package var changes: [Change]
    /// The directory below which the content of the entries lies.
    package var contentRoot: Path
    /// Names that no layer can carry; they were left out.
    package var skipped: [SkippedPath]

    package init(changes: [Change], contentRoot: Path, skipped: [SkippedPath] = []) {
        self.changes = changes
        self.contentRoot = contentRoot
        self.skipped = skipped
    }

    /// True when the step left the tree as it was: then there is no layer.
    package var isEmpty: Bool { changes.isEmpty }
}

/// A name of the tree that a layer cannot carry.
package struct SkippedPath: Hashable, Sendable, CustomStringConvertible {
    /// Why it was left out.
    package enum Reason: String, Sendable {
        case socket = "a socket cannot be stored in a layer"
        case whiteoutName = "names that begin with \".wh.\" mean deletions in a layer"
        case whiteoutDevice = "a character device 0:0 means a deletion in a snapshot"
    }

    package var path: Path
    package var reason: Reason

    package init(path: Path, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "/\(path) was left out: \(reason.rawValue)" }
}
