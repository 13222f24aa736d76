/// `ocibuild inspect`.
enum InspectVerb {
    static let remote = Flag.toggle("remote", "Ask the image's registry instead of the local store.")
    static let raw = Flag.toggle("raw", "Print the manifest's own bytes.")
    static let configuration = Flag.toggle("config", "Print the configuration's own bytes.")

    static let verb = Verb(
        name: "inspect", chapter: .images,
        summary: "Show what an image is, as JSON",
        operands: [
            Verb.Operand(name: "NAME", count: 1...Int.max, help: "The image, by name or digest.")
        ],
        flags: [remote, raw, configuration, CommonFlags.platform] + RegistryFlags.all,
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("inspect is not connected to the library")
    }
}
