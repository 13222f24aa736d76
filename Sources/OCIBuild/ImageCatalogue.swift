import Catalogue
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec

/// The catalogue of images that a registry holds: names, ids, authors and descriptions beside the images themselves.
///
/// An image of it never changes: its content is pinned by digest, its id is for ever. Its name may change, and is found
/// by everybody who uses the same registry, also when several machines create and rename at once. See <doc:TheCatalogue>.
///
/// ```swift
/// let catalogue = try ImageCatalogue(builder, settings: CatalogueSettings(registry: "registry.example/images"))
/// let image = try await catalogue.create("wordcount", from: "wordcount:latest", description: "Counts words.")
/// print(image.id, try await catalogue.find("wordcount") == image)
/// ```
public struct ImageCatalogue: Sendable {
    /// The workspace that names without one belong to.
    public let workspace: String
    /// Who creates, renames and deletes.
    public let user: CatalogueUser
    let builder: Builder
    private let domain: String
    /// What comes before the workspace in a repository's path: nothing, or something that ends with a slash.
    private let prefix: String

    /// The catalogue that the settings name; by default those of the builder's environment. Talks to nobody yet.
    public init(_ builder: Builder, settings: CatalogueSettings? = nil) throws {
        let settings = try settings ?? CatalogueSettings(environment: builder.environment)
        guard let registry = settings.registry else {
            let file = CatalogueSettings.ownFile(builder.environment)
            throw CatalogueError(
                .notConfigured, "",
                "no registry is configured for the catalogue: write {\"registry\": \"HOST/PATH\"} to \(file), or set "
                    + "OCIBUILD_REGISTRY")
        }
        let login = CatalogueSettings.loginName(builder.environment)
        let name = settings.user ?? login
        do {
            try CatalogueName.checkOwner(name, of: "user")
            workspace = settings.workspace ?? name
            try CatalogueName.checkOwner(workspace, of: "workspace")
        } catch {
            throw CatalogueError(
                .notConfigured, error.subject,
                error.message + "; set user and workspace in the configuration file, or "
                    + "OCIBUILD_USER and OCIBUILD_WORKSPACE")
        }
        self.builder = builder
        (domain, prefix) = try Self.split(registry)
        user = try CatalogueUser(name: name, displayName: settings.displayName, registry: domain + "/" + prefix)
    }

    private static func split(_ registry: String) throws -> (domain: String, prefix: String) {
        guard let reference = probe(registry), reference.tag == nil, reference.digest == nil else {
            throw CatalogueError(
                .notConfigured, registry, "is no registry: HOST[:PORT][/PATH] is expected, without \"https://\"")
        }
        return (reference.domain, String(reference.repository.dropLast()))
    }

    /// A repository "x" right below the registry that settings name; nil if they name none.
    package static func probe(_ registry: String) -> Reference? {
        var text = registry
        while text.hasSuffix("/") { text.removeLast() }
        return try? Reference(parsing: "\(text)/x")
    }

    /// The repository that holds an image's content, with the tag `latest`.
    public func repository(of image: CatalogueImage) -> Reference {
        Reference(
            domain: domain, repository: "\(prefix)\(image.workspace)/\(image.repository)", tag: Reference.defaultTag)
    }

    /// The images of a workspace, by default the own one, sorted by name.
    public func images(in workspace: String? = nil) async throws -> [CatalogueImage] {
        try await catalogue(workspace).state().sortedImages
    }

    /// What is wrong with the log of a workspace: entries that are void, or that were altered.
    public func problems(in workspace: String? = nil) async throws -> [String] {
        try await catalogue(workspace).state().problems
    }

    /// The image that a person means: an id, a name in the own workspace, or `WORKSPACE/NAME`, `WORKSPACE/ID` or
    /// `USER/NAME`, the last for an image of the own workspace by its author.
    public func find(_ text: String) async throws -> CatalogueImage {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return try await catalogue(nil).state().find(text) }
        let owner = parts[0]
        try CatalogueName.checkOwner(owner, of: "workspace")
        do {
            return try await catalogue(owner).state().find(parts[1])
        } catch let error as CatalogueError where error.code == .unknownImage && owner != workspace {
            let own = try await catalogue(nil).state()
            guard let image = try? own.find(parts[1]), image.author.name == owner else { throw error }
            return image
        }
    }

    /// Gives an image another name. Throws if that is taken.
    public func rename(_ image: CatalogueImage, to name: String) async throws -> CatalogueImage {
        try await catalogue(image.workspace).rename(image.id, to: name, by: user)
    }

    func catalogue(_ workspace: String?) throws -> WorkspaceCatalogue {
        let workspace = workspace ?? self.workspace
        try CatalogueName.checkOwner(workspace, of: "workspace")
        let text = "\(domain)/\(prefix)\(workspace)/\(WorkspaceCatalogue.logRepository)"
        let reference: Reference
        do {
            reference = try Reference(parsing: text)
        } catch {
            throw CatalogueError(.notConfigured, text, "is no repository: \(error.message)")
        }
        let store = CatalogueRepository(repository: try builder.registry.repository(reference))
        let cache = CatalogueCache(folder: Path(builder.root) / "catalogue", repository: reference)
        return WorkspaceCatalogue(log: CatalogueLog(reference, in: store, cache: cache))
    }
}
