import Archive
import LinuxSystem

/// The file tree that layers make together.
struct ImageTree: Sendable {
    /// A file of the tree. Names of one file have one number.
    struct Node: Sendable {
        var entry: ArchiveEntry
        var content: FileContent?
        var file: Int
    }

    /// By path; the root is "".
    private(set) var nodes: [Path: Node] = [:]
    private var children: [Path: Set<Path>] = [:]
    private var count = 0

    /// Merges layers, bottom first.
    init(_ layers: [LayerListing]) {
        for layer in layers { apply(layer) }
    }

    private mutating func apply(_ layer: LayerListing) {
        // What a layer deletes is of the layers below, wherever the deletion stands in it.
        for item in layer.items {
            guard let name = item.entry.path.lastComponent?.string, name.hasPrefix(".wh.") else { continue }
            let folder = item.entry.path.parent ?? ""
            if name == ".wh..wh..opq" {
                for child in children[folder] ?? [] { remove(child) }
            } else {
                remove(folder / Path(name.dropFirst(4)))
            }
        }
        for item in layer.items where item.entry.path.lastComponent?.string?.hasPrefix(".wh.") != true { place(item) }
    }

    private mutating func place(_ item: LayerListing.Item) {
        var path = item.entry.path
        var node = Node(entry: item.entry, content: item.content, file: count)
        count += 1
        if item.entry.type == .hardLink, let target = item.entry.linkTarget, let named = nodes[target] {
            node = named
            node.entry.path = path
        }
        if node.entry.type != .directory { remove(path) }
        nodes[path] = node
        while !path.isEmpty {
            let parent = path.parent ?? ""
            guard children[parent, default: []].insert(path).inserted else { break }
            path = parent
        }
    }

    private mutating func remove(_ path: Path) {
        for child in children.removeValue(forKey: path) ?? [] { remove(child) }
        nodes[path] = nil
        children[path.parent ?? ""]?.remove(path)
    }

    /// The paths of each file that has several, by the file's number.
    var links: [Int: [Path]] {
        Dictionary(grouping: nodes.filter { $1.entry.type != .directory }, by: \.value.file).compactMapValues {
            $0.count > 1 ? $0.map(\.key).sorted() : nil
        }
    }
}
