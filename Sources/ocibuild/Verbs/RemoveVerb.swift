/// `ocibuild rmi`.
enum RemoveVerb {
    static let force = Flag.toggle("force", short: "f", "A name that is not there is no error.")

    static let verb = Verb(
        name: "rmi", aliases: ["untag"], chapter: .images,
        summary: "Remove names of images; `prune` then frees what none needs",
        operands: [
            Verb.Operand(name: "NAME", count: 1...Int.max, help: "The name to remove.")
        ],
        flags: [force],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("rmi is not connected to the library")
    }
}
