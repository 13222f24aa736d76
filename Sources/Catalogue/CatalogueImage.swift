import OCISpec

/// An image of a catalogue: what is known of it, and which content it stands for.
public struct CatalogueImage: Hashable, Sendable {
    /// Its id, for ever.
    public let id: ImageID
    /// The workspace that it belongs to.
    public let workspace: String
    /// Its name at present.
    public internal(set) var name: String
    /// Who made it.
    public let author: CatalogueUser
    /// When it got its id and first name: RFC 3339 with microseconds, in UTC.
    public let created: String
    /// When it got its content; nil where it has none yet.
    public internal(set) var committed: String?
    /// What it was called where it came from.
    public let originalTag: String
    /// One line about it; may be empty.
    public let description: String
    /// A text about it, in Markdown; may be empty.
    public let readme: String
    /// The last component of the repository that holds its content.
    public let repository: String
    /// Its content: a manifest or index, by digest.
    public internal(set) var content: Descriptor?

    init(_ creation: CatalogueEvent.Creation, in workspace: String, by user: CatalogueUser, at time: String) {
        id = creation.id
        self.workspace = workspace
        name = creation.name
        author = user
        created = time
        originalTag = creation.originalTag
        description = creation.description
        readme = creation.readme
        repository = creation.repository
    }
}
