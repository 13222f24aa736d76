import Archive
import LinuxSystem

/// What a layer leaves to the layers below it, filled in when they are known.
enum ImplicitDirectories {
    /// Gives `target` the mode, owner, attributes and time of `source`, both directories.
    static func copyMetadata(from source: Path, to target: Path) throws {
        let status = try FileSystem.status(source)
        try FileSystem.setOwner(target, uid: status.uid, gid: status.gid)
        try FileSystem.setMode(target, status.mode)
        for attribute in try LayerAttributes.read(source) {
            try ExtendedAttributes.set(attribute.name, attribute.value, of: target)
        }
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
        _ applied: AppliedLayer, root: Path, lowers: [Path], attributePrefix: String = "trusted.overlay."
    ) throws {
        if applied.implicitDirectories.isEmpty, applied.deferredLinks.isEmpty { return }
        let below = LowerTree(lowers, attributePrefix: attributePrefix)
        var made: [Path: Path] = [:]
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
                try FileCopy.copy(below.place(of: found, target), found.status, to: root / link.path)
                made[target] = root / link.path
            }
            try FileSystem.setModified(directory, time)
        }
        // Innermost first: nothing is put into them any more, but a parent may deny what its owner does below.
        for path in applied.implicitDirectories.reversed() {
            guard let found = try below.lookup(path), found.status.type == .directory else { continue }
            try ImplicitDirectories.copyMetadata(from: below.place(of: found, path), to: root / path)
        }
    }
}
