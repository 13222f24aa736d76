import Archive
import LinuxSystem

/// What a layer leaves to the layers below it, filled in when they are known.
enum ImplicitDirectories {
    /// Gives `target` the mode, owner, attributes and time of `source`, both directories in trees of that ownership.
    static func copyMetadata(from source: Path, to target: Path, ownership: TreeOwnership) throws {
        let status = try ownership.status(source)
        guard var entry = ArchiveEntry(path: target, status: status) else { return }
        entry.attributes = try LayerAttributes.read(source, ownership: ownership)
        try ownership.describe(target, as: entry)
        try FileSystem.setModified(target, status.modified)
    }
}

extension LayerApplier {
    /// Completes a layer that was unpacked in overlay form, once the layers below it are complete: directories that
    /// the layer only implies get the metadata of the directory below, and hard links to files below become copies of
    /// them, linked to one another. `lowers` are the directories of the layers below, topmost first.
    ///
    /// A directory that no layer below has keeps mode 0755, owner 0:0 and time 0. A hard link whose target exists
    /// nowhere is `LayersError.Code.missingLinkTarget`.
    package static func adoptImplicitDirectories(
        _ applied: AppliedLayer, root: Path, lowers: [Path], attributePrefix: String = "trusted.overlay.",
        ownership: TreeOwnership = .real
    ) throws {
        if applied.implicitDirectories.isEmpty, applied.deferredLinks.isEmpty { return }
        let below = LowerTree(lowers, attributePrefix: attributePrefix, ownership: ownership)
        var linkOwners = ownership == .recorded ? try LinkOwners(beside: root) : LinkOwners()
        var made: [Path: Path] = [:]
        var copied: [Path: FileStatus] = [:]
        for link in applied.deferredLinks {
            let target = try below.resolve(link.target, followingLast: false)
            let directory = root / link.path.directory
            let time = try FileSystem.status(directory).modified
            if let first = made[target] {
                try FileSystem.link(first, to: root / link.path)
            } else {
                guard let found = try below.lookup(target), found.status.type != .directory else {
                    throw LayersError(
                        .missingLinkTarget, link.path,
                        "it is a hard link to /\(link.target), which neither this layer nor those below have")
                }
                try FileCopy.copy(
                    below.place(of: found, target), found.status, to: root / link.path, ownership: ownership)
                made[target] = root / link.path
                copied[target] = found.status
            }
            if let status = copied[target], !TreeOwnership.takesRecord(status.type) {
                linkOwners[link.path] = LinkOwners.Owner(uid: status.uid, gid: status.gid)
            }
            try FileSystem.setModified(directory, time)
        }
        if ownership == .recorded { try linkOwners.write(beside: root) }
        // Innermost first: nothing is put into them any more, but a parent may deny what its owner does below.
        for path in applied.implicitDirectories.reversed() {
            guard let found = try below.lookup(path), found.status.type == .directory else { continue }
            try ImplicitDirectories.copyMetadata(
                from: below.place(of: found, path), to: root / path, ownership: ownership)
        }
    }
}
