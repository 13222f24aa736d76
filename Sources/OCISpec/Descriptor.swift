/// What a blob is, how it is named and how long it is.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/descriptor.md>.
public struct Descriptor: Hashable, Sendable {
    /// The type of the content.
    public var mediaType: MediaType
    /// The name of the content.
    public var digest: Digest
    /// The length of the content in bytes; never negative.
    public var size: Int64
    /// Where else the content may be had.
    public var urls: [String]?
    /// Free annotations.
    public var annotations: [String: String]?
    /// The platform of the image, in the descriptors of an index.
    public var platform: Platform?
    /// The type of the artifact that a manifest describes.
    public var artifactType: String?
    /// The content itself in base64, as some tools embed it; carried, never trusted.
    public var data: String?

    /// Describes a blob.
    public init(
        mediaType: MediaType, digest: Digest, size: Int64, urls: [String]? = nil,
        annotations: [String: String]? = nil, platform: Platform? = nil, artifactType: String? = nil,
        data: String? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
        self.annotations = annotations
        self.platform = platform
        self.artifactType = artifactType
        self.data = data
    }

    /// The same blob without annotations, platform and the other fields that belong to the place it was named in.
    public var bare: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size)
    }
}

extension Descriptor: Codable {
    private enum CodingKeys: String, CodingKey {
        case mediaType, digest, size, urls, annotations, platform, artifactType, data
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decode(MediaType.self, forKey: .mediaType)
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else {
            throw SpecError(.documentContent, digest.description, "the size of a blob is not negative, but is \(size)")
        }
        urls = try container.decodeIfPresent([String].self, forKey: .urls)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        data = try container.decodeIfPresent(String.self, forKey: .data)
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        try container.encodeUnlessEmpty(urls, forKey: .urls)
        try container.encodeUnlessEmpty(annotations, forKey: .annotations)
        try container.encodeIfPresent(platform, forKey: .platform)
        try container.encodeUnlessEmpty(artifactType, forKey: .artifactType)
        try container.encodeUnlessEmpty(data, forKey: .data)
    }
}
