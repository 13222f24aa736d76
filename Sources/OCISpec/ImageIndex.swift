/// A list of manifests, usually one a platform; also the root document of an image layout.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/image-index.md>. Docker's manifest list decodes alike.
public struct ImageIndex: Hashable, Sendable {
    /// Always 2.
    public let schemaVersion = 2
    /// The type of this document; `nil` where an older tool left it out.
    public var mediaType: MediaType?
    /// The type of an artifact that is no runnable image.
    public var artifactType: String?
    /// The manifests; several may be for one platform, the first fitting one counts.
    public var manifests: [Descriptor]
    /// The manifest that this index is about.
    public var subject: Descriptor?
    /// Free annotations.
    public var annotations: [String: String]?

    /// An index of these manifests, an OCI one unless `mediaType` says otherwise.
    public init(
        mediaType: MediaType? = .ociIndex, artifactType: String? = nil, manifests: [Descriptor],
        subject: Descriptor? = nil, annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.manifests = manifests
        self.subject = subject
        self.annotations = annotations
    }

    /// The manifest that fits `platform` best; of equals the first. Descriptors without a platform never fit.
    public func manifest(for platform: Platform) -> Descriptor? {
        var best: (rank: Int, descriptor: Descriptor)?
        for descriptor in manifests {
            guard let candidate = descriptor.platform, let rank = platform.rank(of: candidate) else { continue }
            if best.map({ rank < $0.rank }) ?? true {
                best = (rank, descriptor)
            }
        }
        return best?.descriptor
    }
}

extension ImageIndex: Codable {
    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, manifests, subject, annotations, config, layers
    }

    /// Refuses a document that is also an image manifest: two readers would see two different images in it
    /// (CVE-2021-41190).
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try container.requireSchemaVersion2(forKey: .schemaVersion)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType)
        if let mediaType, !mediaType.isIndex {
            throw SpecError(.documentContent, mediaType.rawValue, "not the media type of an image index")
        }
        for key in [CodingKeys.layers, .config] where container.contains(key) {
            throw SpecError(.documentAmbiguous, key.rawValue, "an index may not also be an image manifest")
        }
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        manifests = try container.decodeIfPresent([Descriptor].self, forKey: .manifests) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encodeIfPresent(mediaType, forKey: .mediaType)
        try container.encodeUnlessEmpty(artifactType, forKey: .artifactType)
        try container.encode(manifests, forKey: .manifests)
        try container.encodeIfPresent(subject, forKey: .subject)
        try container.encodeUnlessEmpty(annotations, forKey: .annotations)
    }
}
