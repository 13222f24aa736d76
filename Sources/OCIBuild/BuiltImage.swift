import OCISpec

/// An image that a build put into the store.
public struct BuiltImage: Sendable, Hashable {
    /// The image manifest.
    public let manifest: Descriptor
    /// The image configuration; its digest is what Docker calls the image id.
    public let config: Descriptor
    /// The names that it has now.
    public let tags: [Reference]

    /// The manifest's digest, by which a registry knows the image.
    public var digest: Digest { manifest.digest }
}
