/// Who does something to a catalogue. The registry's own accounts say who may; this says who is to be named.
public struct CatalogueUser: Hashable, Sendable, Codable {
    /// `us_` and twelve lower-case letters or digits; the same for the same name in the same registry.
    public let id: String
    /// The short name, as in `user/image`.
    public let name: String
    /// The name for people.
    public let displayName: String

    private enum CodingKeys: String, CodingKey {
        case id, name
        case displayName = "display_name"
    }

    /// A user of a registry. Throws unless `name` is a fit name.
    public init(name: String, displayName: String? = nil, registry: String) throws(CatalogueError) {
        try CatalogueName.checkOwner(name, of: "user")
        let shown = displayName.flatMap { $0.isEmpty ? nil : $0 } ?? name
        try CatalogueName.checkText(shown, of: "display name", limit: CatalogueName.longestDisplayName)
        self.id = "us_" + RandomName.derived(from: "\(registry)\n\(name)", RandomName.idLength)
        self.name = name
        self.displayName = shown
    }

    /// Reads the value from its JSON form, which is held to the same rules.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        name = try container.decode(String.self, forKey: .name)
        displayName = try container.decode(String.self, forKey: .displayName)
        guard id.hasPrefix("us_"), RandomName.isOne(id.dropFirst(3), RandomName.idLength) else {
            throw DecodingError.dataCorruptedError(
                forKey: .id, in: container, debugDescription: "\(CatalogueName.quoted(id)) is no user's id")
        }
        try CatalogueName.checkOwner(name, of: "user")
        try CatalogueName.checkText(displayName, of: "display name", limit: CatalogueName.longestDisplayName)
    }
}
