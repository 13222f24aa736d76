/// `ocibuild login`.
enum LoginVerb {
    static let username = Flag.option("username", short: "u", .text("USER"), "The user. Default: asked for.")
    static let password = Flag.option(
        "password", short: "p", .text("PASSWORD"), hidden: true,
        "The password; other users of this machine can see it, so prefer --password-stdin.")
    static let passwordStdin = Flag.toggle("password-stdin", "Read the password from standard input.")

    static let verb = Verb(
        name: "login", chapter: .registries,
        summary: "Store credentials for a registry",
        operands: [
            Verb.Operand(
                name: "REGISTRY", count: 1...1, help: "The registry's host and port; docker.io for Docker Hub.")
        ],
        flags: [username, password, passwordStdin] + RegistryFlags.all.filter { $0.name != RegistryFlags.creds.name },
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("login is not connected to the library")
    }
}
