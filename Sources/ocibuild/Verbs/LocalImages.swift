import OCIBuild
import OCIContent
import OCISpec

/// Finds images of the store by what a person types: a name, a digest, or the beginning of one.
struct LocalImages {
    let builder: Builder
    let session: Session

    /// An image that was found.
    struct Found {
        let descriptor: Descriptor
        /// The name by which it was found; nil where it was a digest.
        let reference: Reference?
    }

    /// The image that `text` means.
    func find(_ text: String) async throws -> Found {
        let known = try builder.store.references()
        // A digest is no name, but may be looked for.
        guard let reference = try? Reference(parsing: text).withDefaultTag() else {
            return Found(descriptor: try await builder.find(text), reference: nil)
        }
        if let match = known.first(where: { $0.reference == reference }) {
            return Found(descriptor: match.descriptor, reference: reference)
        }
        do {
            return Found(descriptor: try await builder.find(text), reference: nil)
        } catch let error as ContentError where error.code == .imageMissing {
            let question = Suggestion.question(for: reference.familiar, among: known.map(\.reference.familiar))
            let advice = question.isEmpty ? " `ocibuild images` lists those there are." : question
            throw CommandError("there is no image \"\(reference.familiar)\" here.\(advice)")
        }
    }
}
