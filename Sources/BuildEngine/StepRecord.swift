import OCISpec

/// What the cache remembers of a step that was done.
package struct StepRecord: Codable, Sendable {
    /// The layer that a step made.
    package struct Layer: Codable, Sendable {
        /// Digest of the uncompressed tar.
        package let diffID: Digest
        /// Length of the uncompressed tar in bytes.
        package let uncompressedSize: Int64
        /// The blob for each codec and level that it was compressed with.
        package var variants: [String: Descriptor]
    }

    /// The stack of layers that the step ran on. The key names the parent by its definition; a step that is not
    /// reproducible may have made another parent since, and then this record is not for it.
    package let parent: String
    /// For a step that takes files out of other stages, the stacks of layers of those stages: the same holds for them.
    package let source: String?
    /// The layer, or nil where the step changed nothing.
    package var layer: Layer?
}
