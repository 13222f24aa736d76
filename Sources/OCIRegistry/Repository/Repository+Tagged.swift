import OCIContent
import OCISpec

extension Repository: TaggedManifests {
    /// As `TaggedManifests` says: one request, and no search for tags like it where there is none.
    package func manifest(tagged reference: Reference) async throws -> (descriptor: Descriptor, bytes: [UInt8])? {
        try requireOwn(reference)
        do {
            return try await fetchManifest(
                reference.withDefaultTag().tag ?? Reference.defaultTag, digest: nil, subject: reference.description)
        } catch let error as RegistryError where error.status == 404 {
            return nil
        }
    }

    /// As `TaggedManifests` says: one request, under the tag.
    package func put(_ manifest: [UInt8], _ descriptor: Descriptor, tagged reference: Reference) async throws {
        try requireOwn(reference)
        try await putManifest(
            manifest, as: reference.withDefaultTag().tag ?? Reference.defaultTag, descriptor,
            subject: reference.description)
    }

    /// As `TaggedManifests` says.
    package func tags(beginning prefix: String) async throws -> [String] {
        do {
            return try await tags().filter { $0.hasPrefix(prefix) }
        } catch let error as RegistryError where error.status == 404 {
            return []
        }
    }

    /// As `TaggedManifests` says; registries need not allow it.
    package func remove(_ manifest: Descriptor) async throws { try await removeManifest(manifest.digest) }
}
