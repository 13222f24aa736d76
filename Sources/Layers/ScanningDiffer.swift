import LinuxSystem

/// Finds what a step changed in a plain tree, by what stat(2) says before and after.
///
/// A file whose inode, change time and all else are as before is unchanged: the kernel sets the change time at every
/// change, and no program can set it back. One that differs in something that a layer carries is changed. What remains
/// is doubt: the change time moved, or the inode is another, and yet everything that stat(2) tells is the same (mode
/// set and set back, content written and time set back, a file replaced by its copy). Doubt is settled by comparing
/// attributes, link target and content with the layers that the tree was made from; where those are not given, the
/// file counts as changed, which makes a layer larger, never wrong.
package struct ScanningDiffer: Sendable {
    /// The tree.
    package let root: Path
    /// The tree now: the `before` of the next step.
    package let after: TreeScan
    private let before: TreeScan
    private let pristine: LowerTree?
    private let ownership: TreeOwnership

    /// Scans the tree again. `pristine` are the unpacked layers that it was made from, topmost first, in overlay form.
    package init(
        root: Path, before: TreeScan, pristine: [Path] = [], attributePrefix: String = "trusted.overlay.",
        ownership: TreeOwnership = .real
    ) throws {
        self.root = root
        self.before = before
        self.ownership = ownership
        self.pristine =
            pristine.isEmpty ? nil : LowerTree(pristine, attributePrefix: attributePrefix, ownership: ownership)
        after = try TreeScan(of: root, ownership: ownership)
    }

    /// Everything that differs from before, by the rules of ``ChangesetBuilder``.
    package func changes() throws -> Changeset {
        var builder = ChangesetBuilder(contentRoot: root, ownership: ownership)
        builder.add("", after.nodes[0].status, changed: try differs(0, 0), before: nil)
        var pending: [(old: Int?, new: Int)] = [(0, 0)]
        while let (old, new) = pending.popLast() { try compare(old, new, &builder, &pending) }
        return try builder.finish()
    }

    /// Walks along the children of a directory before and after.
    private func compare(
        _ oldDirectory: Int?, _ newDirectory: Int, _ builder: inout ChangesetBuilder,
        _ pending: inout [(old: Int?, new: Int)]
    ) throws {
        var old = oldDirectory.map(before.children) ?? 0..<0
        var new = after.children(of: newDirectory)
        while let newest = new.first {
            if let oldest = old.first {
                let oldName = before.name(of: oldest)
                let newName = after.name(of: newest)
                if oldName.lexicographicallyPrecedes(newName) {
                    delete(oldest, &builder)
                    old = old.dropFirst()
                    continue
                }
                if oldName.elementsEqual(newName) {
                    try visit(oldest, newest, &builder, &pending)
                    old = old.dropFirst()
                    new = new.dropFirst()
                    continue
                }
            }
            try visit(nil, newest, &builder, &pending)
            new = new.dropFirst()
        }
        for oldest in old { delete(oldest, &builder) }
    }

    private func visit(
        _ old: Int?, _ new: Int, _ builder: inout ChangesetBuilder, _ pending: inout [(old: Int?, new: Int)]
    ) throws {
        let status = after.nodes[new].status
        if let reason = ChangesetBuilder.reasonToSkip(Path(bytes: after.name(of: new)), status) {
            builder.skip(after.path(of: new), reason)
            if let old { delete(old, &builder) }
            return
        }
        let known = old.flatMap { isLayered($0) ? $0 : nil }
        let changed = try known.map { try differs($0, new) } ?? true
        if changed || status.links > 1 {
            let identity = known.map { ChangesetBuilder.Identity(before.nodes[$0].status) }
            builder.add(after.path(of: new), status, changed: changed, before: identity)
        }
        if status.type == .directory {
            let directory = known.flatMap { before.nodes[$0].status.type == .directory ? $0 : nil }
            pending.append((directory, new))
        }
    }

    /// True when the node of the scan before was something that the layers below have.
    private func isLayered(_ old: Int) -> Bool {
        ChangesetBuilder.reasonToSkip(Path(bytes: before.name(of: old)), before.nodes[old].status) == nil
    }

    private func delete(_ old: Int, _ builder: inout ChangesetBuilder) {
        if isLayered(old) { builder.delete(before.path(of: old)) }
    }

    private func differs(_ old: Int, _ new: Int) throws -> Bool {
        let was = before.nodes[old].status
        let status = after.nodes[new].status
        if FileComparison.differ(was, status) { return true }
        if was.inode == status.inode, was.device == status.device, was.changed == status.changed { return false }
        let path = after.path(of: new)
        guard let pristine, let found = try pristine.lookup(path) else { return true }
        // A layer has whole seconds only; what it was made from may have more.
        var (layered, live) = (found.status, was)
        layered.modified.nanoseconds = 0
        live.modified.nanoseconds = 0
        if FileComparison.differ(layered, live) { return true }
        return try FileComparison.differInside(
            pristine.place(of: found, path), root / path, status, ownership: ownership)
    }
}
