import LinuxSystem
import OCIRegistry
import OCISpec

/// `ocibuild login`.
enum LoginVerb {
    static let username = Flag.option("username", short: "u", .text("USER"), "The user. Default: asked for.")
    static let password = Flag.option(
        "password", short: "p", .text("PASSWORD"), hidden: true,
        "The password; other users of this machine can see it, so prefer --password-stdin.")
    static let passwordStdin = Flag.toggle("password-stdin", "Read the password from standard input.")

    static let verb = Verb(
        name: "login", chapter: .registries,
        summary: "Check credentials with a registry and store them",
        operands: [
            Verb.Operand(
                name: "REGISTRY", count: 0...1, help: "The registry's host and port. Default: docker.io.")
        ],
        flags: [username, password, passwordStdin]
            + RegistryFlags.all.filter { $0.name != RegistryFlags.creds.name },
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("login", arguments, console)
        let registry = try arguments.operandTexts(of: "login").first ?? "docker.io"
        let credential = try await ask(session)
        var options = try session.registryOptions()
        // The credential is the one given, not one found.
        options.credentials = AnonymousCredentials()
        try await RegistryClient(options: options).verify(credential, registry: registry)
        let files = try session.credentialFiles()
        let place = try await BlockingPool.shared.run { try files.store(credential, registry: registry) }
        console.note(
            "Logged in to \(TerminalText.escape(registry)); the credentials are in \(TerminalText.escape(place))")
        return ExitStatus.success
    }

    private static func ask(_ session: Session) async throws -> Credential {
        let arguments = session.arguments
        let console = session.console
        if arguments.isOn(passwordStdin), arguments.text(password) != nil {
            throw session.failure("--password and --password-stdin exclude each other")
        }
        if arguments.isOn(passwordStdin), arguments.text(username) == nil {
            throw session.failure("--password-stdin needs --username too")
        }
        let prompt = Prompt(console: console)
        var user = arguments.text(username)
        if user == nil { user = try await prompt.line("User: ") }
        guard let user else { throw session.failure("no user: give --username; there is no terminal to ask on") }
        guard !user.isEmpty else { throw session.failure("no user: its name is empty") }
        if let given = arguments.text(password) {
            console.warn("--password can be seen by other users of this machine; use --password-stdin")
            return .basic(username: user, password: given)
        }
        if arguments.isOn(passwordStdin) {
            return .basic(username: user, password: try await Prompt.standardInputLine())
        }
        guard let secret = try await prompt.secret("Password: ") else {
            throw session.failure("no password: give --password-stdin; there is no terminal to ask on")
        }
        return .basic(username: user, password: secret)
    }
}
