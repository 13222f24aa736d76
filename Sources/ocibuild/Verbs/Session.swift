import LinuxSystem
import OCIBuild
import OCIRegistry
import OCISpec

/// What a verb's options say about where things are: the store, and how registries are reached.
struct Session {
    let verb: String
    let arguments: Arguments
    let console: Console

    init(_ verb: String, _ arguments: Arguments, _ console: Console) {
        self.verb = verb
        self.arguments = arguments
        self.console = console
    }

    /// The folder of the store.
    func root() throws -> String {
        try path(GlobalFlags.root) ?? Builder.defaultRoot(console.environment)
    }

    /// A builder on the store. `registries` are those that `--creds` may be sent to.
    func builder(registries: [Reference] = []) throws -> Builder {
        try Builder(
            root: root(), registry: registryOptions(registries: registries), environment: console.environment)
    }

    /// How registries are reached.
    func registryOptions(registries: [Reference] = []) throws -> RegistryOptions {
        var options = RegistryOptions()
        options.environment = console.environment
        options.userAgent = "ocibuild/\(VersionVerb.current)"
        options.caBundle = try path(RegistryFlags.caBundle)
        options.plainHTTPHosts = Set(arguments.texts(RegistryFlags.plainHTTP))
        options.insecureHosts = Set(arguments.texts(RegistryFlags.insecure))
        for host in (console.variable("OCIBUILD_INSECURE_REGISTRIES") ?? "").split(separator: ",") {
            options.insecureHosts.insert(String(host.filter { $0 != " " }))
        }
        if arguments.toggle(RegistryFlags.tlsVerify) == false { options.insecureHosts.insert("*") }
        options.credentials = try credentials(for: registries)
        return options
    }

    /// Where credentials are kept.
    func credentialFiles() throws -> DockerConfig {
        DockerConfig(authFile: try path(RegistryFlags.authfile), environment: console.environment)
    }

    /// The view that the options ask for.
    func progress() throws(UsageError) -> any ProgressView {
        if arguments.isOn(PythonFlags.debug), arguments.text(ProgressFlags.progress) == nil {
            return ProgressMode.plain.view(on: console)
        }
        if arguments.isOn(ProgressFlags.quiet) { return ProgressMode.quiet.view(on: console) }
        if let text = arguments.text(ProgressFlags.progress), let mode = ProgressMode(rawValue: text) {
            return mode.view(on: console)
        }
        for name in ["OCIBUILD_PROGRESS", "BUILDKIT_PROGRESS"] {
            guard let text = console.variable(name) else { continue }
            guard let mode = ProgressMode(environment: text) else {
                throw failure("\(name) is \"\(TerminalText.escape(text))\": none of \(ProgressMode.names)")
            }
            return mode.view(on: console)
        }
        return ProgressMode.auto.view(on: console)
    }

    /// The platform that is asked for; this machine's by default.
    func platform(_ flag: Flag) throws(UsageError) -> Platform {
        guard let text = arguments.text(flag) ?? console.variable("DOCKER_DEFAULT_PLATFORM") else { return .host }
        do {
            return try Platform(parsing: text)
        } catch {
            throw failure("\"\(TerminalText.escape(text))\" is no platform: \(error.message)")
        }
    }

    /// The image name that `text` is.
    func reference(_ text: String) throws(UsageError) -> Reference {
        do {
            return try Reference(parsing: text)
        } catch {
            throw failure("\"\(TerminalText.escape(text))\" is no image name: \(error.message)")
        }
    }

    /// The path that an option gives, which the library takes as text.
    func path(_ flag: Flag) throws(UsageError) -> String? {
        guard let word = arguments.word(flag) else { return nil }
        guard let text = word.text else {
            throw failure("--\(flag.name): \"\(word.shown)\" is not valid UTF-8")
        }
        return text
    }

    func failure(_ message: String) -> UsageError {
        UsageError(verb: verb, message: message)
    }

    private func credentials(for registries: [Reference]) throws -> any CredentialProvider {
        guard let text = arguments.text(RegistryFlags.creds) else { return try credentialFiles() }
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw failure("--creds needs USER:PASSWORD")
        }
        let credential = Credential.basic(
            username: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
        // Only these: a base image may come from a registry that must never see them.
        return FixedCredentials(
            Dictionary(registries.map { ($0.domain, credential) }, uniquingKeysWith: { first, _ in first }))
    }
}

extension ProgressMode {
    /// The names, for a message.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// What an environment variable asks for, BuildKit's names included.
    init?(environment text: String) {
        switch text {
        case "rawjson": self = .json
        case "none": self = .quiet
        default: self.init(rawValue: text)
        }
    }
}
