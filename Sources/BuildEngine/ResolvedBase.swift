import OCIContent
import OCISpec

/// A base image that was found: what it is, and where its blobs come from.
package struct ResolvedBase: Sendable {
    /// The image manifest's layers, bottom first.
    package let layers: [Descriptor]
    /// The image's configuration.
    package let config: ImageConfig
    /// Where blobs that the store lacks are read.
    package let source: any BlobSource

    /// An image of these parts; there must be one DiffID for each layer.
    package init(reference: String, layers: [Descriptor], config: ImageConfig, source: any BlobSource) throws {
        guard layers.count == config.rootfs.diffIDs.count else {
            throw EngineError(
                .layerMismatch, reference,
                "the image \(reference) is inconsistent: its manifest lists \(layers.count) layers and its configuration \(config.rootfs.diffIDs.count) DiffIDs"
            )
        }
        self.layers = layers
        self.config = config
        self.source = source
    }
}
