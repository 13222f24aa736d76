/// `ocibuild push`.
enum PushVerb {
    static let digestFile = Flag.option("digest-file", .path("FILE"), "Write the manifest's digest.")

    static let verb = Verb(
        name: "push", chapter: .registries,
        summary: "Send an image to a registry",
        operands: [
            Verb.Operand(name: "NAME", count: 1...1, help: "The image here."),
            Verb.Operand(name: "DESTINATION", count: 0...1, help: "The name there. Default: the same."),
        ],
        flags: [digestFile, CommonFlags.json] + RegistryFlags.all + ProgressFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("push is not connected to the library")
    }
}
