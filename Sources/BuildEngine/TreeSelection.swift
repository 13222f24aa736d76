import Archive
import Layers
import LinuxSystem

/// What a COPY --from takes out of another stage or image: chosen by the tables of its layers, read from their
/// directories.
struct TreeSelection {
    let tree: MergedTree
    /// The directory of each layer, in the order of the tree's tables.
    let layers: [Path]
    /// The stage or image, for messages.
    let name: String
    /// How the layers' directories keep owners.
    let ownership: TreeOwnership

    func select(_ written: [String]) throws -> CopySelection {
        var sources: [CopySelection.Source] = []
        for text in written {
            for match in try expand(text) {
                let found = try files(at: match)
                guard !found.isEmpty else {
                    throw EngineError(
                        .sourceNotFound, text,
                        "\"\(match)\" in \(name), which \"\(text)\" names, is a symbolic link to nothing")
                }
                sources.append(CopySelection.Source(written: text, name: match.lastComponent ?? "", files: found))
            }
        }
        return CopySelection(sources: sources)
    }

    /// The one file or directory of that name, which is no pattern.
    func select(literal path: String) throws -> CopySelection {
        try requirePresent(path)
        let match = Path(path).lexicallyNormalized()
        return CopySelection(
            sources: [CopySelection.Source(written: path, name: match.lastComponent ?? "", files: try files(at: match))]
        )
    }

    /// Throws unless the path, which is no pattern, leads to something.
    func requirePresent(_ text: String) throws {
        let real = try tree.resolve(Path(text).lexicallyNormalized(), followFinal: true)
        guard real.isEmpty || tree.lookup(real) != nil else {
            throw EngineError(.sourceNotFound, text, "the source \"\(text)\" is not in \(name)")
        }
    }

    private func expand(_ text: String) throws -> [Path] {
        let components = Path(text).lexicallyNormalized().components
        guard components.contains(where: { Wildcard.isPattern($0.bytes) }) else {
            let path = Path(bytes: components.map(\.bytes).joined(separator: [0x2F]))
            let real = try tree.resolve(path, followFinal: true)
            guard real.isEmpty || tree.lookup(real) != nil else {
                throw EngineError(.sourceNotFound, text, "the source \"\(text)\" is not in \(name)")
            }
            return [path]
        }
        var matches: [Path] = [""]
        for component in components {
            guard let wildcard = Wildcard(component.bytes) else {
                throw EngineError(.badPattern, text, "the source \"\(text)\" is not a valid pattern")
            }
            var next: [Path] = []
            for folder in matches {
                let real = try tree.resolve(folder, followFinal: true)
                guard real.isEmpty || tree.lookup(real)?.entry.type == .directory else { continue }
                for child in tree.children(of: real) {
                    guard let name = child.entry.path.lastComponent, wildcard.matches(name.bytes) else { continue }
                    next.append(folder / name)
                }
            }
            matches = next
        }
        guard !matches.isEmpty else {
            throw EngineError(.sourceNotFound, text, "nothing in \(name) matches \"\(text)\"")
        }
        return matches
    }

    private func files(at path: Path) throws -> [CopySelection.File] {
        let real = try tree.resolve(path, followFinal: true)
        guard let top = tree.lookup(real) else { return [] }
        let first =
            real.isEmpty
            ? CopySelection.File(path: "", entry: ArchiveEntry(path: "", type: .directory, mode: 0o755))
            : try file(top, as: "")
        var found = [first]
        if first.entry.type == .directory { try walk(top, below: "", into: &found) }
        return found
    }

    private func walk(_ folder: MergedTree.Found, below path: Path, into found: inout [CopySelection.File]) throws {
        for child in tree.children(of: folder) {
            guard let name = child.entry.path.lastComponent else { continue }
            let file = try file(child, as: path / name)
            found.append(file)
            if file.entry.type == .directory { try walk(child, below: path / name, into: &found) }
        }
    }

    private func file(_ found: MergedTree.Found, as path: Path) throws -> CopySelection.File {
        var entry = found.entry
        guard entry.type == .regular || entry.type == .hardLink else {
            return CopySelection.File(path: path, entry: entry, keepsTime: true)
        }
        // The layer's own directory tells what the name stands for, hard links included.
        let location = layers[found.layer] / entry.path
        let status = try ownership.status(location)
        entry.type = .regular
        entry.size = status.size
        entry.linkTarget = nil
        entry.mode = status.mode
        entry.uid = status.uid
        entry.gid = status.gid
        entry.modified = status.modified
        entry.attributes = try CopyAttributes.read(location, ownership: ownership)
        return CopySelection.File(
            path: path, entry: entry, content: location, keepsTime: true,
            inode: status.links > 1 ? CopySelection.Inode(device: status.device, number: status.inode) : nil)
    }
}
