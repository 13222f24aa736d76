import OCIBuild

/// `ocibuild image commit`.
enum ImageCommitVerb {
    static let quiet = Flag.toggle("quiet", short: "q", "Print only the image's id.")

    static let verb = Verb(
        name: "image commit", chapter: .images,
        summary: "Give an open image of the catalogue its content, for ever",
        details: [
            "`image create` commits by itself. An image is open where it was created with --no-commit, or by a `create` that "
                + "was killed while it pushed."
        ],
        operands: [
            Verb.Operand(name: "IMAGE", count: 1...1, help: "The image, by name or id."),
            Verb.Operand(
                name: "SOURCE", count: 0...1,
                help:
                    "The image here that is to be its content. Default: what lies at the tag latest of its repository."),
        ],
        flags: [quiet] + CatalogueFlags.all, run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = try CatalogueSession("image commit", arguments, console)
        let words = try arguments.operandTexts(of: "image commit")
        let image = try await session.find(words[0])
        let lines = PushLines(console: console, isQuiet: arguments.isOn(quiet), catalogue: session.catalogue)
        guard words.count > 1 else {
            let committed = try await session.catalogue.commit(image)
            console.print(
                arguments.isOn(quiet)
                    ? image.id.text
                    : "Committed \(image.name) (\(image.id)) as \(committed.content?.digest.description ?? "")")
            return ExitStatus.success
        }
        _ = try await LocalImages(builder: session.builder, session: session.session).find(words[1])
        let committed = try await session.catalogue.commit(image, from: words[1]) { lines.show($0, source: words[1]) }
        lines.end(committed)
        return ExitStatus.success
    }
}
