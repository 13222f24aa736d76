/// `ocibuild prune`.
enum PruneVerb {
    static let all = Flag.toggle("all", short: "a", "The build cache too.")

    static let verb = Verb(
        name: "prune", chapter: .machine,
        summary: "Free what no image needs",
        flags: [all, CommonFlags.json],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("prune is not connected to the library")
    }
}
