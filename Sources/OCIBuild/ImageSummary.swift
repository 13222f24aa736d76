import OCISpec

/// An image of the store, as a list shows it.
public struct ImageSummary: Sendable, Hashable, Codable {
    /// Its name.
    public let reference: Reference
    /// Digest of its manifest (or index).
    public let digest: Digest
    /// Digest of its configuration: what Docker calls the image id.
    public let id: Digest
    /// What the configuration calls the time of its creation.
    public let created: String?
    /// What it is made for.
    public let platform: Platform
    /// The compressed size of configuration and layers in bytes.
    public let size: Int64
}

/// All that is known of an image of the store.
public struct ImageDetails: Sendable, Codable {
    /// Digest of its configuration.
    public let id: Digest
    /// Digest of its manifest.
    public let digest: Digest
    /// The names that the store has for it.
    public let tags: [Reference]
    /// Its manifest.
    public let manifest: ImageManifest
    /// Its configuration.
    public let config: ImageConfig
}
