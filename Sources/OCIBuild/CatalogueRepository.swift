import Catalogue
import OCIContent
import OCIRegistry
import OCISpec

/// A registry's repository as a catalogue needs it.
package struct CatalogueRepository: TagStore {
    private let repository: Repository

    /// Of that repository.
    package init(repository: Repository) { self.repository = repository }

    package func tags() async throws -> [String] {
        do {
            return try await repository.tags()
        } catch let error as RegistryError where error.status == 404 {
            return []
        }
    }

    package func find(_ reference: Reference) async throws -> Descriptor? {
        do {
            return try await repository.resolve(reference)
        } catch let error as RegistryError where error.status == 404 {
            return nil
        }
    }

    package func resolve(_ reference: Reference) async throws -> Descriptor { try await repository.resolve(reference) }
    package func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try await repository.tag(manifest, as: reference)
    }
    package func contains(_ blob: Descriptor) async throws -> Bool { try await repository.contains(blob) }
    package func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws { try await repository.stream(blob, body) }
    package func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws { try await repository.ingest(blob, from: source, progress: progress) }
}
