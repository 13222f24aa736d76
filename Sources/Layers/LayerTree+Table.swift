import Archive
import LinuxSystem

extension ArchiveEntry {
    /// The entry of a further name of the file `first`.
    static func hardLink(at path: Path, to first: ArchiveEntry) -> ArchiveEntry {
        var link = ArchiveEntry(path: path, type: .hardLink)
        link.mode = first.mode
        link.uid = first.uid
        link.gid = first.gid
        link.modified = first.modified
        link.linkTarget = first.path
        return link
    }
}

extension LayerTree {
    /// All that was placed. `accounts` are the bytes of the files of those numbers.
    func finished(accounts: [Int: [UInt8]], contentSize: Int64) -> AppliedLayer {
        var layer = AppliedLayer(contents: TableOfContents(), contentSize: contentSize)
        var table = TableOfContents()
        var firstName: [Int: ArchiveEntry] = [:]
        for (path, index) in allPaths {
            let node = nodes[index]
            if node.opaque { table.opaques.append(path) }
            switch node.kind {
            case .impliedDirectory: layer.implicitDirectories.append(path)
            case .whiteout: table.whiteouts.append(path)
            case .deferredLink(let target):
                layer.deferredLinks.append(DeferredLink(path: path, target: target))
                var entry = ArchiveEntry(path: path, type: .hardLink)
                entry.linkTarget = target
                table.entries.append(TableEntry(entry))
            case .directory, .symlink, .file:
                if let first = firstName[node.file] {
                    table.entries.append(TableEntry(.hardLink(at: path, to: first)))
                } else {
                    var entry = files[node.file]
                    entry.path = path
                    firstName[node.file] = entry
                    table.entries.append(TableEntry(entry))
                }
            }
        }
        func account(_ path: Path) -> [UInt8]? {
            node(at: path).flatMap { nodes[$0].kind == .file ? accounts[nodes[$0].file] : nil }
        }
        table.accountFiles = .init(passwd: account("etc/passwd"), group: account("etc/group"))
        layer.contents = table
        return layer
    }

    /// Every node that is still part of the tree, in byte order of the path.
    private var allPaths: [(path: Path, node: Int)] {
        var found: [(path: Path, node: Int)] = [("", 0)]
        var next = 0
        while next < found.count {
            let (path, node) = found[next]
            next += 1
            for (name, child) in nodes[node].children { found.append((path / name, child)) }
        }
        return found.sorted { $0.path < $1.path }
    }
}
