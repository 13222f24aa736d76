import OCIBuild

/// `ocibuild image delete`.
enum ImageDeleteVerb {
    static let verb = Verb(
        name: "image delete", chapter: .images,
        summary: "Take images out of the catalogue",
        details: [
            "The name is free afterwards, the id is never used again. The content goes where the registry allows it; where "
                + "not, it stays there under its repository's name. Images of this machine stay: see `rmi`."
        ],
        operands: [Verb.Operand(name: "IMAGE", count: 1...Int.max, help: "The image, by name or id.")],
        flags: CatalogueFlags.all, run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = try CatalogueSession("image delete", arguments, console)
        var status = ExitStatus.success
        for name in try arguments.operandTexts(of: "image delete") {
            do {
                let image = try await session.find(name)
                let removal = try await session.catalogue.delete(image)
                console.print("Deleted \(image.name) (\(image.id))")
                if case .kept(let reason) = removal {
                    console.warn(
                        "its content stays in \(session.catalogue.repository(of: image).name), since the registry does "
                            + "not remove it: \(reason)")
                }
            } catch let error where error is CommandError || error is CatalogueError {
                // The others are still to be deleted.
                status = OCIBuildCommand.report(error, console)
            }
        }
        return status
    }
}
