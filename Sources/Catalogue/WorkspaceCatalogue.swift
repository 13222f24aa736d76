import OCISpec

/// The images of one workspace: their ids, names, authors and content, as the log in its repository tells.
///
/// Where they are: `REGISTRY/WORKSPACE/catalogue` holds the log, `REGISTRY/WORKSPACE/RANDOM` the content of one image,
/// under the tag `latest`, which is never moved.
package struct WorkspaceCatalogue: Sendable {
    /// The workspace's log.
    package let log: CatalogueLog
    /// The last component of the log's repository. An image's is longer and random, so they never collide.
    package static let logRepository = "catalogue"

    /// The catalogue that the log tells.
    package init(log: CatalogueLog) {
        self.log = log
    }

    /// All that is known now.
    package func state() async throws -> CatalogueState {
        CatalogueState(try await log.entries(), workspace: log.workspace)
    }

    /// Gives a new image its id and name. It has no content yet.
    package func create(
        name: String, originalTag: String, description: String = "", readme: String = "", by user: CatalogueUser
    ) async throws -> CatalogueImage {
        try CatalogueName.check(name)
        try CatalogueName.checkText(originalTag, of: "original tag", limit: CatalogueName.longestOriginalTag)
        try CatalogueName.checkText(description, of: "description", limit: CatalogueName.longestDescription)
        try CatalogueName.checkText(readme, of: "readme", limit: CatalogueName.longestReadme)
        let creation = CatalogueEvent.Creation(
            id: .make(), name: name, repository: RandomName.make(RandomName.repositoryLength),
            originalTag: originalTag, description: description, readme: readme)
        return try await log.append(by: user) { _ in .create(creation) }.image(creation.id)
    }

    /// Says what an image's content is, for ever.
    package func commit(_ id: ImageID, content: Descriptor, by user: CatalogueUser) async throws -> CatalogueImage {
        guard content.mediaType.isIndex || content.mediaType.isManifest else {
            throw CatalogueError(
                .invalid, content.digest.description,
                "cannot be an image's content: it is \(content.mediaType), and not a manifest or index of OCI or Docker"
            )
        }
        return try await log.append(by: user) { _ in .commit(id, content.bare) }.image(id)
    }

    /// Gives an image another name.
    package func rename(_ id: ImageID, to name: String, by user: CatalogueUser) async throws -> CatalogueImage {
        try CatalogueName.check(name)
        return try await log.append(by: user) { _ in .rename(id, name) }.image(id)
    }

    /// Takes an image out of the catalogue. Its id is never used again, its name is free.
    package func delete(_ id: ImageID, by user: CatalogueUser) async throws {
        _ = try await log.append(by: user) { _ in .delete(id) }
    }
}
