/// `ocibuild logout`.
enum LogoutVerb {
    static let verb = Verb(
        name: "logout", chapter: .registries,
        summary: "Forget the credentials for a registry",
        operands: [
            Verb.Operand(name: "REGISTRY", count: 1...1, help: "The registry's host and port.")
        ],
        flags: [RegistryFlags.authfile],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("logout is not connected to the library")
    }
}
