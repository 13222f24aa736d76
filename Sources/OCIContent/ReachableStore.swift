import OCISpec

/// A store together with the places where what it lacks is known to be: what reads an image that was built or pulled
/// without all its layers reads this.
package struct ReachableStore: BlobSource {
    /// The store itself.
    package let store: LocalStore
    /// The places.
    package let origins: OriginSource

    /// The store and these places.
    package init(_ store: LocalStore, _ origins: OriginSource) {
        self.store = store
        self.origins = origins
    }

    package func contains(_ blob: Descriptor) async throws -> Bool {
        if try await store.contains(blob) { return true }
        return try await origins.contains(blob)
    }

    package func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        if try await store.contains(blob) { return try await store.stream(blob, body) }
        try await origins.stream(blob, body)
    }

    package func file(of blob: Descriptor) async throws -> BlobFile? {
        if let file = try await store.file(of: blob) { return file }
        return try await origins.file(of: blob)
    }
}
