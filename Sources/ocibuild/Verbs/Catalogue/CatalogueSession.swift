import OCIBuild
import OCISpec

/// Options of every command that is about the catalogue.
enum CatalogueFlags {
    static let registry = Flag.option(
        "registry", .text("HOST[:PORT][/PATH]"), in: .registry,
        "Where the catalogue is. Default: OCIBUILD_REGISTRY, "
            + "else the configuration file.")
    static let workspace = Flag.option(
        "workspace", .text("NAME"), in: .registry,
        "The workspace of names that have none. Default: OCIBUILD_WORKSPACE, the configuration file, else the user's "
            + "name.")
    static let user = Flag.option(
        "user", .text("NAME"), in: .registry,
        "Who creates, renames and deletes. Default: OCIBUILD_USER, the configuration file, else the login name.")

    static let all = [registry, workspace, user] + RegistryFlags.all
}

/// A session with a catalogue.
struct CatalogueSession {
    let session: Session
    let builder: Builder
    let catalogue: ImageCatalogue

    /// The catalogue that options, environment and configuration file name.
    init(_ verb: String, _ arguments: Arguments, _ console: Console) throws {
        session = Session(verb, arguments, console)
        var settings = try CatalogueSettings(environment: console.environment)
        settings.registry = arguments.text(CatalogueFlags.registry) ?? settings.registry
        settings.workspace = arguments.text(CatalogueFlags.workspace) ?? settings.workspace
        if let user = arguments.text(CatalogueFlags.user) {
            if user != settings.user { settings.displayName = nil }
            settings.user = user
        }
        let place = settings.registry.flatMap(ImageCatalogue.probe)
        builder = try session.builder(registries: place.map { [$0] } ?? [])
        catalogue = try ImageCatalogue(builder, settings: settings)
    }

    /// The image that a person means; where there is none, with the nearest name there is.
    func find(_ text: String) async throws -> CatalogueImage {
        do {
            return try await catalogue.find(text)
        } catch let error as CatalogueError where error.code == .unknownImage {
            let parts = text.split(separator: "/").map(String.init)
            let workspace = parts.count == 2 ? parts[0] : nil
            let names = ((try? await catalogue.images(in: workspace)) ?? []).map(\.name)
            let question = Suggestion.question(
                for: parts.last ?? text, among: names, prefix: workspace.map { $0 + "/" } ?? "")
            let advice = question.isEmpty ? " `ocibuild image list` lists those there are." : question
            throw CommandError("\(error).\(advice)")
        }
    }

    /// Says what is wrong with the log of a workspace.
    func warnOfProblems(in workspace: String? = nil) async throws {
        for problem in try await catalogue.problems(in: workspace) {
            session.console.warn("the catalogue of \(workspace ?? catalogue.workspace): \(problem)")
        }
    }

    /// Does something that reports transfers, shown where a terminal shows them or where that was asked for: what the
    /// command prints is complete without.
    func watching<Result>(
        _ body: (_ report: @escaping @Sendable (BuildEvent) -> Void) async throws -> Result
    ) async throws -> Result {
        let isWanted =
            session.arguments.text(ProgressFlags.progress) != nil
            || session.console.variable("OCIBUILD_PROGRESS") != nil
        guard isWanted || session.console.error.isLive else {
            return try await body { [console = session.console] event in
                if case .warning(let message) = event { console.warn(message) }
            }
        }
        return try await session.watching(body)
    }
}
