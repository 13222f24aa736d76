import OCIBuild

/// `ocibuild image inspect`.
enum ImageInspectVerb {
    static let verb = Verb(
        name: "image inspect", aliases: ["image get"], chapter: .images,
        summary: "Show what the catalogue, else this machine, knows of images, as JSON",
        operands: [
            Verb.Operand(
                name: "IMAGE", count: 1...Int.max,
                help: "The image, as NAME, ID, WORKSPACE/NAME or USER/NAME. What the catalogue does not have is looked "
                    + "for here, as `inspect` does.")
        ],
        flags: [InspectVerb.raw, InspectVerb.configuration, InspectVerb.remote, CommonFlags.json, CommonFlags.platform]
            + CatalogueFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let isLocal = [InspectVerb.raw, InspectVerb.configuration, InspectVerb.remote].contains { arguments.isOn($0) }
        guard ProgramName.current != .docker, !isLocal else { return try await InspectVerb.run(arguments, console) }
        let session: CatalogueSession
        do {
            session = try CatalogueSession("image inspect", arguments, console)
        } catch let error as CatalogueError where error.code == .notConfigured && error.subject.isEmpty {
            guard ProgramName.current != .beaker else { throw error }
            return try await withoutCatalogue(error) { try await InspectVerb.run(arguments, console) }
        }
        let names = try arguments.operandTexts(of: "image inspect")
        if ProgramName.current != .beaker, try await areLocal(names, session) {
            return try await InspectVerb.run(arguments, console)
        }
        var images: [CatalogueImage] = []
        for name in names { images.append(try await session.find(name)) }
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: images.map { CatalogueRow($0, in: session.catalogue) })
        } else {
            console.print(try CatalogueDocument.text(images))
        }
        return ExitStatus.success
    }

    /// Whether the catalogue has none of the images, and this machine has all.
    private static func areLocal(_ names: [String], _ session: CatalogueSession) async throws -> Bool {
        for name in names {
            guard (try? await session.builder.find(name)) != nil else { return false }
            do {
                _ = try await session.catalogue.find(name)
                return false
            } catch let error as CatalogueError where error.code == .unknownImage || error.code == .invalid {
                continue
            }
        }
        return true
    }

    /// Does what docker means, and says why not the catalogue if that fails.
    static func withoutCatalogue(_ reason: CatalogueError, _ body: () async throws -> Int32) async throws -> Int32 {
        do {
            return try await body()
        } catch let error where error is CommandError || error is RegistryError {
            let words = "\(error)"
            throw CommandError(
                "\(words)\(words.hasSuffix(".") ? "" : ".") It was not looked for in a catalogue: \(reason).")
        }
    }
}
