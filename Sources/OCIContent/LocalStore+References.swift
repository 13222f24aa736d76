import LinuxSystem
import OCISpec

extension LocalStore {
    /// All names and what they name, sorted by name. Entries that other tools made under names that are no
    /// references are left out.
    public func references() throws -> [(reference: Reference, descriptor: Descriptor)] {
        try layout.index().manifests.compactMap { entry in
            guard let name = entry.annotations?[AnnotationKey.referenceName],
                let reference = try? Reference(parsing: name)
            else { return nil }
            return (reference, entry.unlisted)
        }.sorted { $0.reference < $1.reference }
    }

    /// As `ReferenceStore` says.
    public func resolve(_ reference: Reference) async throws -> Descriptor {
        try await BlockingPool.shared.run { try self.find(reference) }
    }

    /// The manifest or index of that name, on a thread that may block.
    package func find(_ reference: Reference) throws -> Descriptor {
        let wanted = reference.withDefaultTag()
        let names = try references()
        if let found = names.first(where: { $0.reference == wanted }) { return found.descriptor }
        if let digest = wanted.digest, let found = names.first(where: { $0.descriptor.digest == digest }) {
            return found.descriptor
        }
        let others = names.filter { $0.reference.name == wanted.name }.map(\.reference.familiar)
        let hint = others.isEmpty ? "" : "; there is \(others.prefix(5).joined(separator: ", "))"
        throw ContentError(.imageMissing, wanted.familiar, "no such image in the store \(root)\(hint)")
    }

    /// As `ReferenceStore` says.
    public func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try await BlockingPool.shared.run { try self.name(manifest, reference) }
    }

    /// Gives a manifest a name, on a thread that may block.
    package func name(_ manifest: Descriptor, _ reference: Reference) throws {
        let name = reference.withDefaultTag().description
        var entry = manifest.unlisted
        entry.annotations = [AnnotationKey.referenceName: name]
        try layout.updateIndex { index in
            index.manifests.removeAll { $0.annotations?[AnnotationKey.referenceName] == name }
            index.manifests.append(entry)
            // The order of tagging is no part of the store's state.
            index.manifests.sort { left, right in
                let key = AnnotationKey.referenceName
                return (left.annotations?[key] ?? "", left.digest) < (right.annotations?[key] ?? "", right.digest)
            }
        }
    }

    /// Takes a name away; the blobs stay until the next prune. Throws if there is no such name.
    public func untag(_ reference: Reference) throws {
        let name = reference.withDefaultTag().description
        var removed = false
        try layout.updateIndex { index in
            let before = index.manifests.count
            index.manifests.removeAll { $0.annotations?[AnnotationKey.referenceName] == name }
            removed = index.manifests.count != before
        }
        guard removed else {
            throw ContentError(.imageMissing, reference.familiar, "no such image in the store \(root)")
        }
    }
}
