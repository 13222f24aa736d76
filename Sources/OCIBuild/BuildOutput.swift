/// Where a built image goes besides the store.
public struct BuildOutput: Sendable, Hashable {
    /// What is written.
    public enum Kind: String, Sendable, CaseIterable {
        /// An OCI image: a layout folder, or an archive where the destination ends in `.tar` or is `-`.
        case oci
        /// An archive for `docker load`.
        case docker
        /// The image's file tree, in a folder.
        case dir
        /// The image's file tree, as a tar.
        case tar
    }

    /// What is written.
    public var kind: Kind
    /// A path; `-` is standard output.
    public var destination: String

    /// An output of that kind.
    public init(kind: Kind, destination: String) {
        self.kind = kind
        self.destination = destination
    }
}
