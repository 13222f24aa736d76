/// Annotation keys that the image specification defines and this package uses.
public enum AnnotationKey {
    /// The name of an image in the index of an image layout.
    public static let referenceName = "org.opencontainers.image.ref.name"
    /// When the image was made, RFC 3339.
    public static let created = "org.opencontainers.image.created"
    /// The reference of the base image.
    public static let baseName = "org.opencontainers.image.base.name"
    /// The digest of the base image's manifest.
    public static let baseDigest = "org.opencontainers.image.base.digest"
    /// One sentence about the image.
    public static let description = "org.opencontainers.image.description"
    /// A text about the image in Markdown. (The specification's `documentation` is an address.)
    public static let readme = "org.ocibuild.image.readme"
    /// containerd's full image name, which `ctr images import` reads.
    public static let containerdName = "io.containerd.image.name"
}
