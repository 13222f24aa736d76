import Archive
import LinuxSystem

/// Reads what a step changed from the upper directory of its overlay mount, which must not be mounted any more.
///
/// The mount must have been made with `redirect_dir`, `metacopy` and `index` off; a renamed directory is then a copy,
/// and every file in the upper directory is whole.
package struct OverlayDiffer: Sendable {
    /// The upper directory.
    package let upper: Path
    private let before: LowerTree
    private let ownership: TreeOwnership

    /// Will compare `upper` with the layers below, topmost first. What a step wrote to a recorded tree must have been
    /// settled: see ``RecordedTree``.
    package init(
        upper: Path, lowers: [Path], attributePrefix: String = "trusted.overlay.", ownership: TreeOwnership = .real
    ) {
        self.upper = upper
        self.ownership = ownership
        before = LowerTree(lowers, attributePrefix: attributePrefix, ownership: ownership)
    }

    /// Makes a new upper directory look like the root of the layers below: the root of an overlay mount has the upper
    /// directory's own mode, owner, attributes and time, and what differs from the layers below is a change.
    package static func prepare(upper: Path, lowers: [Path], ownership: TreeOwnership = .real) throws {
        guard let lower = lowers.first else {
            try ownership.describe(upper, as: ArchiveEntry(path: upper, type: .directory, mode: 0o755))
            return try FileSystem.setModified(upper, FileTime(seconds: 0))
        }
        try ImplicitDirectories.copyMetadata(from: lower, to: upper, ownership: ownership)
    }

    /// A directory of the upper tree, and what was in its place.
    private struct Pending {
        var path: Path
        /// What the layers below have there; nil where they have no directory.
        var below: LowerTree.Directory?
        /// True where nothing of the layers below shows: then what the upper directory lacks is deleted.
        var hidesBelow: Bool
    }

    /// Everything that differs from the layers below, by the rules of ``ChangesetBuilder``.
    package func changes() throws -> Changeset {
        var builder = ChangesetBuilder(contentRoot: upper, ownership: ownership)
        let linkOwners = ownership == .recorded ? try LinkOwners(beside: upper) : LinkOwners()
        let root = try before.lookup("")
        let status = try ownership.status(upper)
        if let root {
            let differs =
                try FileComparison.differ(root.status, status)
                || FileComparison.differInside(before.layers[root.layer], upper, status, ownership: ownership)
            builder.add("", status, changed: differs, before: nil)
        } else {
            builder.add("", status, changed: true, before: nil)
        }
        var pending = [Pending(path: "", below: root?.directory, hidesBelow: false)]
        while let directory = pending.popLast() {
            try compare(directory, linkOwners, &builder, &pending)
        }
        return try builder.finish()
    }

    private func compare(
        _ directory: Pending, _ linkOwners: LinkOwners, _ builder: inout ChangesetBuilder, _ pending: inout [Pending]
    ) throws {
        let place = upper / directory.path
        let entries = try DirectoryListing.entries(at: place)
        for entry in entries {
            let path = directory.path / entry.name
            let status = try linkOwners.completing(ownership.status(upper / path), at: path)
            let old = try directory.below.flatMap { try before.lookup(entry.name, in: $0) }
            if let reason = ChangesetBuilder.reasonToSkip(entry.name, status) {
                if reason != .whiteoutDevice { builder.skip(path, reason) }
                if let old, !isSocket(old) { builder.delete(path) }
                continue
            }
            builder.add(path, status, changed: try differs(path, status, old), before: old.map(identity))
            if status.type == .directory {
                let hides = try directory.hidesBelow || before.isOpaque(upper / path)
                pending.append(Pending(path: path, below: old?.directory, hidesBelow: hides))
            }
        }
        guard directory.hidesBelow, let below = directory.below else { return }
        let present = Set(entries.map(\.name))
        for name in try before.names(in: below) where !present.contains(name) {
            builder.delete(directory.path / name)
        }
    }

    private func differs(_ path: Path, _ status: FileStatus, _ old: LowerTree.Found?) throws -> Bool {
        guard let old, !FileComparison.differ(old.status, status) else { return true }
        return try FileComparison.differInside(
            before.place(of: old, path), upper / path, status, ownership: ownership)
    }

    private func identity(_ found: LowerTree.Found) -> ChangesetBuilder.Identity {
        ChangesetBuilder.Identity(found.status, layer: found.layer)
    }

    private func isSocket(_ found: LowerTree.Found) -> Bool { found.status.type == .socket }
}
