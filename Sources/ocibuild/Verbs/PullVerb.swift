/// `ocibuild pull`.
enum PullVerb {
    static let verb = Verb(
        name: "pull", chapter: .registries,
        summary: "Fetch images from their registries",
        operands: [
            Verb.Operand(
                name: "NAME", count: 1...Int.max, help: "The image, as registry/repository:tag or with @digest.")
        ],
        flags: [CommonFlags.platform, CommonFlags.json] + RegistryFlags.all + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("pull is not connected to the library")
    }
}
