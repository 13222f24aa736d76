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
        throw CommandError("tag is not connected to the library")
    }
}
