/// The media type of a blob, as written in descriptors and manifests.
///
/// See <https://github.com/opencontainers/image-spec/blob/main/media-types.md>.
public struct MediaType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The type as it is written, such as `application/vnd.oci.image.manifest.v1+json`.
    public let rawValue: String

    /// Any media type, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    private init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The value in words, for messages.
    public var description: String { rawValue }

    /// OCI image manifest.
    public static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    /// OCI image index.
    public static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    /// OCI image configuration.
    public static let ociConfig = MediaType("application/vnd.oci.image.config.v1+json")
    /// OCI layer, uncompressed tar.
    public static let ociLayer = MediaType("application/vnd.oci.image.layer.v1.tar")
    /// OCI layer, gzip.
    public static let ociLayerGzip = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    /// OCI layer, Zstandard.
    public static let ociLayerZstd = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    /// OCI layer that may not be redistributed, uncompressed.
    public static let ociForeignLayer = MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar")
    /// OCI layer that may not be redistributed, gzip.
    public static let ociForeignLayerGzip = MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
    /// OCI layer that may not be redistributed, Zstandard.
    public static let ociForeignLayerZstd = MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd")
    /// The empty JSON object `{}` as a blob.
    public static let ociEmpty = MediaType("application/vnd.oci.empty.v1+json")
    /// Docker image manifest, version 2 schema 2.
    public static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    /// Docker manifest list.
    public static let dockerManifestList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    /// Docker image configuration.
    public static let dockerConfig = MediaType("application/vnd.docker.container.image.v1+json")
    /// Docker layer, uncompressed tar.
    public static let dockerLayer = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    /// Docker layer, gzip.
    public static let dockerLayerGzip = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    /// Docker layer, Zstandard.
    public static let dockerLayerZstd = MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd")
    /// Docker layer that is fetched from its own URL.
    public static let dockerForeignLayer = MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    /// Docker manifest of the first schema, which is recognised only to be refused by name.
    public static let dockerManifestV1 = MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws")

    /// An index or manifest list: names manifests.
    public var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }
    /// An image manifest: names a configuration and layers.
    public var isManifest: Bool { self == .ociManifest || self == .dockerManifest }
    /// An image configuration.
    public var isConfig: Bool { self == .ociConfig || self == .dockerConfig }
    /// A layer whose content lives at URLs and which may be absent from a store.
    public var isForeignLayer: Bool {
        switch self {
        case .ociForeignLayer, .ociForeignLayerGzip, .ociForeignLayerZstd, .dockerForeignLayer: true
        default: false
        }
    }
    /// A file system layer in any of its encodings.
    public var isLayer: Bool {
        switch self {
        case .ociLayer, .ociLayerGzip, .ociLayerZstd, .dockerLayer, .dockerLayerGzip, .dockerLayerZstd: true
        default: isForeignLayer
        }
    }
}

extension MediaType: Codable {
    /// Reads the value from its JSON form.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the value in the specification's JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
