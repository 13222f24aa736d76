/// The id of an image: `im_` and twelve lower-case letters or digits. It never changes, and is never used again.
public struct ImageID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it is written.
    public let text: String

    private static let prefix = "im_"
    /// How Beaker's older documents write the same id: images were called blueprints then.
    private static let formerPrefix = "bp_"

    /// A new id.
    package static func make() -> ImageID { ImageID(unchecked: prefix + RandomName.make(RandomName.idLength)) }

    private init(unchecked text: String) { self.text = text }

    /// Reads an id, also in its former spelling with `bp_`; nil for anything else.
    public init?(parsing text: String) {
        guard text.hasPrefix(Self.prefix) || text.hasPrefix(Self.formerPrefix),
            RandomName.isOne(text.dropFirst(3), RandomName.idLength)
        else { return nil }
        self.text = Self.prefix + text.dropFirst(3)
    }

    /// The id as it is written.
    public var description: String { text }
}

extension ImageID: Codable {
    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ImageID(parsing: text), id.text == text else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no image id")
        }
        self = id
    }

    /// Writes the value in its JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
