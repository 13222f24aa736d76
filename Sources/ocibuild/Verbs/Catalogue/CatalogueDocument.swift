import FoundationEssentials
import OCIBuild
import OCISpec

/// What the catalogue knows of an image, as JSON in Beaker's form: its keys, their order, and four spaces a level.
enum CatalogueDocument {
    /// The documents of these images, as one array.
    static func text(_ images: [CatalogueImage]) throws -> String {
        guard !images.isEmpty else { return "[]" }
        return "[\n" + (try images.map(text)).joined(separator: ",\n") + "\n]"
    }

    private static func text(_ image: CatalogueImage) throws -> String {
        let author = [
            ("id", image.author.id), ("name", image.author.name), ("display_name", image.author.displayName),
        ]
        var members = [("id", try quoted(image.id.text)), ("user", try object(author, indent: 8))]
        func add(_ key: String, _ value: String?) throws {
            guard let value, !value.isEmpty else { return }
            members.append((key, try quoted(value)))
        }
        try add("name", image.name)
        try add("created", image.created)
        try add("committed", image.committed)
        try add("original_tag", image.originalTag)
        try add("description", image.description)
        try add("readme", image.readme)
        return "    " + lines(members, indent: 4)
    }

    private static func object(_ members: [(String, String)], indent: Int) throws -> String {
        lines(try members.map { ($0.0, try quoted($0.1)) }, indent: indent)
    }

    private static func lines(_ members: [(String, String)], indent: Int) -> String {
        let inner = String(repeating: " ", count: indent + 4)
        let text = members.map { "\(inner)\"\($0.0)\": \($0.1)" }.joined(separator: ",\n")
        return "{\n\(text)\n\(String(repeating: " ", count: indent))}"
    }

    private static func quoted(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return Console.defused(String(decoding: try encoder.encode(text), as: UTF8.self))
    }
}

/// An image of the catalogue for `--json`: all that is known.
struct CatalogueRow: Encodable {
    let id: String
    let workspace: String
    let name: String
    let author: CatalogueUser
    let created: String
    let committed: String?
    let originalTag: String
    let description: String
    let readme: String
    let repository: String
    let digest: Digest?

    init(_ image: CatalogueImage, in catalogue: ImageCatalogue) {
        id = image.id.text
        workspace = image.workspace
        name = image.name
        author = image.author
        created = image.created
        committed = image.committed
        originalTag = image.originalTag
        description = image.description
        readme = image.readme
        repository = catalogue.repository(of: image).name
        digest = image.content?.digest
    }
}
