/// An image for one platform: a configuration and an ordered list of layers.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/manifest.md>. Docker's schema 2 decodes alike.
public struct ImageManifest: Hashable, Sendable {
    /// Always 2.
    public let schemaVersion = 2
    /// The type of this document; `nil` where an older tool left it out.
    public var mediaType: MediaType?
    /// The type of an artifact that is no runnable image.
    public var artifactType: String?
    /// The configuration.
    public var config: Descriptor
    /// The layers, the base first.
    public var layers: [Descriptor]
    /// The manifest that this one is about.
    public var subject: Descriptor?
    /// Free annotations.
    public var annotations: [String: String]?

    /// A manifest of these parts, an OCI one unless `mediaType` says otherwise.
    public init(
        mediaType: MediaType? = .ociManifest, artifactType: String? = nil, config: Descriptor, layers: [Descriptor],
        subject: Descriptor? = nil, annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }
}

extension ImageManifest: Codable {
    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, config, layers, subject, annotations, manifests
    }

    /// Refuses a document that is also an index: two readers would see two different images in it
    /// (CVE-2021-41190).
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try container.requireSchemaVersion2(forKey: .schemaVersion)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType)
        if let mediaType, !mediaType.isManifest {
            throw SpecError(.documentContent, mediaType.rawValue, "not the media type of an image manifest")
        }
        if container.contains(.manifests) {
            throw SpecError(.documentAmbiguous, "manifests", "an image manifest may not also be an index")
        }
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        config = try container.decode(Descriptor.self, forKey: .config)
        layers = try container.decodeIfPresent([Descriptor].self, forKey: .layers) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encodeIfPresent(mediaType, forKey: .mediaType)
        try container.encodeUnlessEmpty(artifactType, forKey: .artifactType)
        try container.encode(config, forKey: .config)
        try container.encode(layers, forKey: .layers)
        try container.encodeIfPresent(subject, forKey: .subject)
        try container.encodeUnlessEmpty(annotations, forKey: .annotations)
    }
}

extension KeyedDecodingContainer {
    func requireSchemaVersion2(forKey key: Key) throws {
        let version = try decode(Int.self, forKey: key)
        guard version == 2 else {
            throw SpecError(
                .documentContent, "schemaVersion \(version)",
                "only schema version 2 is supported; push the image again with a current tool")
        }
    }
}
