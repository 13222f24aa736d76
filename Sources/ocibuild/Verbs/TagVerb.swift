import OCIBuild
import OCIContent
import OCISpec

/// `ocibuild tag`.
enum TagVerb {
    static let verb = Verb(
        name: "tag", chapter: .images,
        summary: "Give an image further names",
        operands: [
            Verb.Operand(name: "NAME", count: 1...1, help: "The image, by name or digest."),
            Verb.Operand(name: "NEW", count: 1...Int.max, help: "What else it shall be called."),
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("tag", arguments, console)
        let names = try arguments.operandTexts(of: "tag")
        var new: [Reference] = []
        for name in names.dropFirst() {
            let reference = try session.reference(name)
            guard reference.digest == nil else { throw session.failure("\(name): a digest cannot be given as a name") }
            new.append(reference.withDefaultTag())
        }
        let builder = try session.builder()
        let store = builder.store
        let image = try await LocalImages(builder: builder, session: session).find(names[0])
        for reference in new { try await store.tag(image.descriptor, as: reference) }
        return ExitStatus.success
    }
}
