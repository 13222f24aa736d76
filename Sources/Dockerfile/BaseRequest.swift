import OCISpec

/// An image whose configuration is needed before a Dockerfile can be lowered.
package struct BaseRequest: Sendable, Hashable {
    /// As the definition names it, after expansion.
    package let reference: String
    /// The platform to choose.
    package let platform: Platform

    /// Makes a request.
    package init(reference: String, platform: Platform) {
        self.reference = reference
        self.platform = platform
    }
}
