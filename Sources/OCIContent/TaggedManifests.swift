import OCISpec

/// A content store that gives and takes a tagged manifest in one exchange each, and can say which tags it has: for
/// those who keep many small manifests of their own.
package protocol TaggedManifests: ContentStore {
    /// The manifest that the reference's tag names, verified; nil where there is no such tag.
    func manifest(tagged reference: Reference) async throws -> (descriptor: Descriptor, bytes: [UInt8])?

    /// Keeps a manifest, whose blobs must be here, and gives it the reference's tag, which it takes from whatever had it
    /// before. Readers see the one or the other.
    func put(_ manifest: [UInt8], _ descriptor: Descriptor, tagged reference: Reference) async throws

    /// All tags that begin so, in no order.
    func tags(beginning prefix: String) async throws -> [String]

    /// Takes the manifest out, and its tags with it.
    func remove(_ manifest: Descriptor) async throws
}
