import OCISpec

/// One entry of a catalogue's log: who did what, when, and after what.
package struct CatalogueEvent: Hashable, Sendable {
    /// What was done to an image.
    package enum Action: Hashable, Sendable {
        /// A new image, which has no content yet.
        case create(Creation)
        /// The image has this content from now on, for ever.
        case commit(ImageID, Descriptor)
        /// The image is called that from now on.
        case rename(ImageID, String)
        /// The image is no longer to be found; its name is free.
        case delete(ImageID)
    }

    /// What is known of an image before it has content.
    package struct Creation: Hashable, Sendable {
        /// Its id.
        package var id: ImageID
        /// Its first name.
        package var name: String
        /// The last component of the repository that holds its content.
        package var repository: String
        /// What it was called where it came from.
        package var originalTag: String
        /// One line about it.
        package var description: String
        /// A text about it, in Markdown.
        package var readme: String

        /// A creation of these parts.
        package init(
            id: ImageID, name: String, repository: String, originalTag: String, description: String, readme: String
        ) {
            self.id = id
            self.name = name
            self.repository = repository
            self.originalTag = originalTag
            self.description = description
            self.readme = readme
        }
    }

    /// The version of the format that this program writes, and the only one that it reads.
    package static let version = 1
    /// The largest event that is written or read, in bytes.
    package static let limit = 2 << 20

    /// Whose try of appending this is, so that its writer knows it again.
    package let nonce: String
    /// The place that it was written for, from 1.
    package let slot: Int
    /// The manifest of the event before it; nil for the first.
    package let previous: Digest?
    /// When it was written; see ``Instant``.
    package let time: String
    /// Who did it.
    package let user: CatalogueUser
    /// What was done.
    package let action: Action

    /// An event of these parts.
    package init(
        nonce: String, slot: Int, previous: Digest?, time: String, user: CatalogueUser, action: Action
    ) {
        self.nonce = nonce
        self.slot = slot
        self.previous = previous
        self.time = time
        self.user = user
        self.action = action
    }
}
