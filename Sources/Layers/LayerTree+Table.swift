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
        table.entries.reserveCapacity(nodes.count)
        // For each file the place of its first name among the entries.
        var firstName = [Int](repeating: -1, count: files.count)
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
                let first = firstName[node.file]
                if first >= 0 {
                    table.entries.append(TableEntry(.hardLink(at: path, to: table.entries[first].entry)))
                } else {
                    firstName[node.file] = table.entries.count
                    table.entries.append(TableEntry(files[node.file]))
                    table.entries[table.entries.count - 1].entry.path = path
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
        found.reserveCapacity(nodes.count)
        // A directory's node comes before those of what is in it; most layers have all in byte order.
        var directories: [Int: Path] = [0: ""]
        var isSorted = true
        for (index, node) in nodes.enumerated().dropFirst() {
            guard !node.isReplaced, let above = directories[node.parent] else { continue }
            let path = above / node.name
            if node.kind.isDirectory { directories[index] = path }
            if let last = found.last, path < last.path { isSorted = false }
            found.append((path, index))
        }
        return isSorted ? found : found.sorted { $0.path < $1.path }
    }
}
