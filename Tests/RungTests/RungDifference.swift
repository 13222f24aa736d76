import Archive
import LinuxSystem
import OCISpec

/// One property of one path that is not on a rung what it is on root.
struct RungDifference: Sendable, CustomStringConvertible {
    /// What can differ.
    enum Property: String, CaseIterable, Sendable {
        /// The path is there, or not.
        case presence
        case type, mode, owner, device, target, attributes, modified, content, links
    }

    let path: Path
    let property: Property
    let onRoot: String
    let here: String

    var description: String { "/\(path) \(property.rawValue): \(onRoot) on root, \(here) here" }

    /// All of them, in the order of the paths.
    static func between(_ root: ImageTree, _ other: ImageTree) -> [RungDifference] {
        let (links, otherLinks) = (root.links, other.links)
        return Set(root.nodes.keys).union(other.nodes.keys).sorted().flatMap { path -> [RungDifference] in
            guard let node = root.nodes[path], let otherNode = other.nodes[path] else {
                let (here, there) = (
                    root.nodes[path] == nil ? "absent" : "there", other.nodes[path] == nil ? "absent" : "there"
                )
                return [RungDifference(path: path, property: .presence, onRoot: here, here: there)]
            }
            let names = (links[node.file] ?? [], otherLinks[otherNode.file] ?? [])
            return properties(node.entry, node.content, names.0, otherNode.entry, otherNode.content, names.1)
        }
    }

    /// Those between two packings of the same layer: entries that only one has, and those that say something else.
    static func between(_ root: LayerListing, _ other: LayerListing) -> [RungDifference] {
        let one = Dictionary(root.items.map { ($0.entry.path, $0) }, uniquingKeysWith: { $1 })
        let two = Dictionary(other.items.map { ($0.entry.path, $0) }, uniquingKeysWith: { $1 })
        return Set(one.keys).union(two.keys).sorted().flatMap { path -> [RungDifference] in
            guard let item = one[path], let otherItem = two[path] else {
                let (here, there) = (
                    one[path] == nil ? "not in the layer" : "in the layer",
                    two[path] == nil ? "not in the layer" : "in the layer"
                )
                return [RungDifference(path: path, property: .presence, onRoot: here, here: there)]
            }
            return properties(item.entry, item.content, [], otherItem.entry, otherItem.content, [])
        }
    }

    private static func content(_ path: Path, _ one: FileContent?, _ two: FileContent?) -> RungDifference {
        let lines = FileContent.lines(one, two)
        return RungDifference(
            path: path, property: .content, onRoot: lines?.0 ?? one?.digest.hex ?? "none",
            here: lines?.1 ?? two?.digest.hex ?? "none")
    }

    private static func properties(
        _ one: ArchiveEntry, _ content: FileContent?, _ links: [Path], _ two: ArchiveEntry,
        _ otherContent: FileContent?,
        _ otherLinks: [Path]
    ) -> [RungDifference] {
        func differ(_ property: Property, _ here: String, _ there: String) -> RungDifference? {
            here == there ? nil : RungDifference(path: one.path, property: property, onRoot: here, here: there)
        }
        func attributes(_ entry: ArchiveEntry) -> String {
            entry.attributes.map { "\(Path(bytes: $0.name))=\(Path(bytes: $0.value))" }.joined(separator: " ")
        }
        return [
            differ(.type, "\(one.type)", "\(two.type)"),
            differ(.mode, String(one.mode, radix: 8), String(two.mode, radix: 8)),
            differ(.owner, "\(one.uid):\(one.gid)", "\(two.uid):\(two.gid)"),
            differ(.device, "\(one.device.major):\(one.device.minor)", "\(two.device.major):\(two.device.minor)"),
            differ(.target, "\(one.linkTarget ?? "")", "\(two.linkTarget ?? "")"),
            differ(.attributes, attributes(one), attributes(two)),
            differ(.modified, "\(one.modified.seconds)", "\(two.modified.seconds)"),
            content?.digest == otherContent?.digest ? nil : self.content(one.path, content, otherContent),
            differ(
                .links, links.map(\.description).joined(separator: " "),
                otherLinks.map(\.description).joined(separator: " ")),
        ].compactMap(\.self)
    }
}
