import FoundationEssentials

/// The credentials that Docker, Podman, Skopeo and Buildah users have already, found where those look, and changed by
/// `login` and `logout`.
///
/// A file named with `--authfile`, or else by `REGISTRY_AUTH_FILE`, is the only one. Otherwise the first that knows the
/// registry: the text in `DOCKER_AUTH_CONFIG`, `$XDG_RUNTIME_DIR/containers/auth.json`,
/// `~/.config/containers/auth.json`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`.
public struct DockerConfig: CredentialProvider {
    private let environment: [String: String]
    /// A file that the user named, which must exist to be read.
    private let namedFile: String?

    /// The credentials as seen with an explicit file, if any, and an environment.
    public init(authFile: String? = nil, environment: [String: String] = RegistryOptions.processEnvironment) {
        self.environment = environment
        let fromEnvironment = environment["REGISTRY_AUTH_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        namedFile = authFile ?? fromEnvironment
    }

    /// The files that are looked at, in order.
    public var paths: [String] {
        if let namedFile { return [namedFile] }
        var result: [String] = []
        if let runtime = value("XDG_RUNTIME_DIR") { result.append("\(runtime)/containers/auth.json") }
        if let config = value("XDG_CONFIG_HOME") ?? value("HOME").map({ "\($0)/.config" }) {
            result.append("\(config)/containers/auth.json")
        }
        if let docker = dockerPath { result.append(docker) }
        return result
    }

    private var dockerPath: String? {
        (value("DOCKER_CONFIG") ?? value("HOME").map { "\($0)/.docker" }).map { "\($0)/config.json" }
    }

    private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Looks in the places of this configuration. Blocks; runs credential helpers.
    public func credential(for registry: String, repository: String?) throws -> Credential? {
        for file in try files() {
            let own = file.ownHelper(registry: registry)
            if let own, !own.isEmpty {
                if let found = try helper(own).credential(for: registry) { return found }
            } else if let found = try file.credential(registry: registry, repository: repository) {
                return found
            } else if own == nil, let name = file.commonHelper {
                // An own helper named "" switches the common one off for this registry.
                do {
                    if let found = try helper(name).credential(for: registry) { return found }
                } catch let error as RegistryError where error.code == "CREDENTIAL_HELPER_MISSING" {
                    // A file copied from a machine with a desktop: public images must still come through.
                    continue
                }
            }
        }
        return nil
    }

    /// Keeps a credential: with the helper that is configured for the registry, else in the first file that has an
    /// entry for it, else in Docker's own file. Returns where it went.
    @discardableResult
    public func store(_ credential: Credential, registry: String) throws -> String {
        let files = try paths.compactMap { try CredentialFile.read($0) }
        for file in files {
            guard let name = file.ownHelper(registry: registry) ?? file.commonHelper, !name.isEmpty else { continue }
            let helper = try helper(name)
            switch credential {
            case .basic(let username, let password):
                try helper.store(username: username, secret: password, registry: registry)
            case .identityToken(let token): try helper.store(username: "<token>", secret: token, registry: registry)
            case .registryToken: continue
            }
            return helper.program
        }
        guard let path = namedFile ?? dockerPath else {
            throw RegistryError(
                code: "CREDENTIAL_FILE", subject: registry, message: "there is no place to keep credentials",
                nextStep: "set HOME, or name a file with --authfile")
        }
        var file = try files.first { $0.mentions(registry: registry) } ?? CredentialFile.read(path) ?? .empty(path)
        switch credential {
        case .basic(let username, let password):
            file.set(["auth": Data("\(username):\(password)".utf8).base64EncodedString()], registry: registry)
        case .identityToken(let token): file.set(["identitytoken": token], registry: registry)
        case .registryToken(let token): file.set(["registrytoken": token], registry: registry)
        }
        try file.write()
        return file.name
    }

    /// Forgets the credential of a registry everywhere it is kept. Returns the places; empty if there was none.
    @discardableResult
    public func remove(registry: String) throws -> [String] {
        var places: [String] = []
        for path in paths {
            guard var file = try CredentialFile.read(path) else { continue }
            if let name = file.ownHelper(registry: registry) ?? file.commonHelper, !name.isEmpty {
                let helper = try helper(name)
                if try helper.credential(for: registry) != nil {
                    try helper.erase(registry: registry)
                    places.append(helper.program)
                }
            }
            if file.mentions(registry: registry) {
                file.remove(registry: registry)
                try file.write()
                places.append(path)
            }
        }
        return places
    }

    private func files() throws(RegistryError) -> [CredentialFile] {
        if let namedFile {
            guard let file = try CredentialFile.read(namedFile) else {
                throw RegistryError(
                    code: "CREDENTIAL_FILE", subject: namedFile, message: "there is no such credential file",
                    nextStep:
                        "check --authfile and REGISTRY_AUTH_FILE, or run: ocibuild login --authfile \(namedFile) HOST")
            }
            return [file]
        }
        var files: [CredentialFile] = []
        if let text = value("DOCKER_AUTH_CONFIG") {
            files.append(try CredentialFile(name: "DOCKER_AUTH_CONFIG", parsing: Array(text.utf8)))
        }
        for path in paths {
            if let file = try CredentialFile.read(path) { files.append(file) }
        }
        return files
    }

    private func helper(_ name: String) throws(RegistryError) -> CredentialProgram {
        try CredentialProgram(name: name, environment: environment)
    }
}
