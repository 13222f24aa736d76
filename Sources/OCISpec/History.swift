/// How one layer, or one configuration change, of an image came about.
public struct History: Hashable, Sendable {
    /// When, RFC 3339.
    public var created: String?
    /// The command that made it.
    public var createdBy: String?
    /// Who made it.
    public var author: String?
    /// A remark.
    public var comment: String?
    /// Whether the step made no layer.
    public var emptyLayer: Bool?

    /// An entry of these parts.
    public init(
        created: String? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil,
        emptyLayer: Bool? = nil
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        self.emptyLayer = emptyLayer
    }
}

extension History: Codable {
    private enum CodingKeys: String, CodingKey {
        case created, author, comment
        case createdBy = "created_by"
        case emptyLayer = "empty_layer"
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(created, forKey: .created)
        try container.encodeUnlessEmpty(createdBy, forKey: .createdBy)
        try container.encodeUnlessEmpty(author, forKey: .author)
        try container.encodeUnlessEmpty(comment, forKey: .comment)
        if emptyLayer == true {
            try container.encode(true, forKey: .emptyLayer)
        }
    }
}
