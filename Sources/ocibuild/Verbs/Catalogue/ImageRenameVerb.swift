import OCIBuild

/// `ocibuild image rename`.
enum ImageRenameVerb {
    static let verb = Verb(
        name: "image rename", chapter: .images,
        summary: "Give an image of the catalogue another name",
        operands: [
            Verb.Operand(name: "IMAGE", count: 1...1, help: "The image, by name or id."),
            Verb.Operand(name: "NEW", count: 1...1, help: "Its new name, without the workspace."),
        ],
        flags: CatalogueFlags.all, run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = try CatalogueSession("image rename", arguments, console)
        let words = try arguments.operandTexts(of: "image rename")
        let image = try await session.find(words[0])
        let renamed = try await session.catalogue.rename(image, to: words[1])
        console.print("Renamed \(image.name) to \(renamed.name) (\(renamed.id))")
        return ExitStatus.success
    }
}
