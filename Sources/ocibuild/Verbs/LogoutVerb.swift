import LinuxSystem
import OCIRegistry

/// `ocibuild logout`.
enum LogoutVerb {
    static let verb = Verb(
        name: "logout", chapter: .registries,
        summary: "Forget the credentials for a registry",
        operands: [
            Verb.Operand(
                name: "REGISTRY", count: 0...1, help: "The registry's host and port. Default: docker.io.")
        ],
        flags: [RegistryFlags.authfile],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("logout", arguments, console)
        let registry = try arguments.operandTexts(of: "logout").first ?? "docker.io"
        let files = try session.credentialFiles()
        let places = try await BlockingPool.shared.run { try files.remove(registry: registry) }
        let shown = TerminalText.escape(registry)
        guard !places.isEmpty else {
            console.note("There were no credentials for \(shown)")
            return ExitStatus.success
        }
        console.note(
            "Logged out of \(shown): removed from \(places.map { TerminalText.escape($0) }.joined(separator: ", "))")
        return ExitStatus.success
    }
}
