/// The configuration blob of an image: platform, how to run it, what its layers unpack to, how it came about.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/config.md>. Times are RFC 3339 text and are kept as
/// written.
public struct ImageConfig: Hashable, Sendable {
    /// When the image was made, RFC 3339.
    public var created: String?
    /// Who made it.
    public var author: String?
    /// Processor architecture, in Go's names.
    public var architecture: String
    /// Operating system, in Go's names.
    public var os: String
    /// Variant of the architecture.
    public var variant: String?
    /// Version of the operating system (Windows).
    public var osVersion: String?
    /// Features that the operating system must have (Windows).
    public var osFeatures: [String]?
    /// How a container of the image is run.
    public var config: ContainerConfig
    /// The uncompressed layers.
    public var rootfs: RootFS
    /// One entry a build step, empty layers included, the oldest first.
    public var history: [History]

    /// A configuration of these parts.
    public init(
        created: String? = nil, author: String? = nil, architecture: String, os: String, variant: String? = nil,
        osVersion: String? = nil, osFeatures: [String]? = nil, config: ContainerConfig = ContainerConfig(),
        rootfs: RootFS = RootFS(), history: [History] = []
    ) {
        self.created = created
        self.author = author
        self.architecture = architecture
        self.os = os
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
        self.config = config
        self.rootfs = rootfs
        self.history = history
    }

    /// An empty image for `platform`.
    public init(platform: Platform) {
        self.init(
            architecture: platform.architecture, os: platform.os, variant: platform.variant,
            osVersion: platform.osVersion, osFeatures: platform.osFeatures)
    }

    /// The platform that the image is for.
    public var platform: Platform {
        Platform(os: os, architecture: architecture, variant: variant, osVersion: osVersion, osFeatures: osFeatures)
    }
}

extension ImageConfig: Codable {
    private enum CodingKeys: String, CodingKey {
        case created, author, architecture, os, variant, config, rootfs, history
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        variant = try container.decodeIfPresent(String.self, forKey: .variant).flatMap { $0.isEmpty ? nil : $0 }
        osVersion = try container.decodeIfPresent(String.self, forKey: .osVersion).flatMap { $0.isEmpty ? nil : $0 }
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures)
        config = try container.decodeIfPresent(ContainerConfig.self, forKey: .config) ?? ContainerConfig()
        rootfs = try container.decodeIfPresent(RootFS.self, forKey: .rootfs) ?? RootFS()
        history = try container.decodeIfPresent([History].self, forKey: .history) ?? []
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(created, forKey: .created)
        try container.encodeUnlessEmpty(author, forKey: .author)
        try container.encode(architecture, forKey: .architecture)
        try container.encode(os, forKey: .os)
        try container.encodeUnlessEmpty(variant, forKey: .variant)
        try container.encodeUnlessEmpty(osVersion, forKey: .osVersion)
        try container.encodeUnlessEmpty(osFeatures, forKey: .osFeatures)
        try container.encode(config, forKey: .config)
        try container.encode(rootfs, forKey: .rootfs)
        try container.encodeUnlessEmpty(history, forKey: .history)
    }
}
