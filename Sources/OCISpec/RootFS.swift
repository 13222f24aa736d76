/// What the layers of an image are, uncompressed.
public struct RootFS: Hashable, Sendable {
    /// Always `layers`.
    public var type: String
    /// The digests of the uncompressed layer tars, the base first.
    public var diffIDs: [Digest]

    /// The layers with these DiffIDs.
    public init(diffIDs: [Digest] = []) {
        type = "layers"
        self.diffIDs = diffIDs
    }
}

extension RootFS: Codable {
    private enum CodingKeys: String, CodingKey {
        case type
        case diffIDs = "diff_ids"
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decodeIfPresent(String.self, forKey: .type) ?? "layers"
        diffIDs = try container.decodeIfPresent([Digest].self, forKey: .diffIDs) ?? []
    }
}
