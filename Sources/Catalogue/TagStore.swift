import OCIContent
import OCISpec

/// A repository as the catalogue needs it: a content store that can also say which tags it has.
package protocol TagStore: ContentStore {
    /// All tags; none where the repository does not exist yet. A tag whose `tag(_:as:)` had returned before this began
    /// is among them: everything that the catalogue promises rests on that alone.
    func tags() async throws -> [String]

    /// What the reference's tag names; nil where there is no such tag, also because it is being put just now.
    func find(_ reference: Reference) async throws -> Descriptor?
}
