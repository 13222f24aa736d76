import Archive
import LinuxSystem
import OCIContent

/// The entries of one layer, in their order.
struct LayerListing: Sendable {
    /// An entry and its content.
    struct Item: Sendable {
        var entry: ArchiveEntry
        var content: FileContent?
    }

    let items: [Item]

    /// Reads a packed layer. Blocks.
    init(_ file: BlobFile) throws {
        let reader = try ArchiveReader(try file.reader(), formats: .any)
        var items: [Item] = []
        while let entry = try reader.next() {
            items.append(Item(entry: entry, content: entry.type == .regular ? try FileContent(reader) : nil))
        }
        self.items = items
    }
}
