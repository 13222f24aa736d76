/// `ocibuild history`.
enum HistoryVerb {
    static let noTruncation = Flag.toggle("no-trunc", "Show commands in full.")

    static let verb = Verb(
        name: "history", chapter: .images,
        summary: "Show how an image was made",
        operands: [
            Verb.Operand(name: "NAME", count: 1...1, help: "The image, by name or digest.")
        ],
        flags: [noTruncation, CommonFlags.platform, CommonFlags.json],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("history is not connected to the library")
    }
}
