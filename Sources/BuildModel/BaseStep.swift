import OCISpec

/// Starts a tree from an image.
package struct BaseStep: Hashable, Sendable {
    /// The image as the definition names it, after expansion, before Docker's normalisation.
    package var reference: String
    /// The platform to choose where the reference names an index.
    package var platform: Platform

    /// Makes a step that starts from `reference`.
    package init(reference: String, platform: Platform) {
        self.reference = reference
        self.platform = platform
    }
}
