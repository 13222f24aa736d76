/// A secret that opens a registry. It has no description on purpose: it must not reach a log or a message.
public enum Credential: Sendable, Hashable {
    /// A user name with a password or access token.
    case basic(username: String, password: String)
    /// A refresh token, exchanged for access tokens at the registry's token server.
    case identityToken(String)
    /// An access token, sent as it is.
    case registryToken(String)
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of credential and the user's name; never the secret.
    public var description: String {
        switch self {
        case .basic(let username, _): "password of \(RegistryError.quoted(username, limit: 80))"
        case .identityToken: "identity token"
        case .registryToken: "registry token"
        }
    }

    /// The same: a debugger's output ends up in bug reports.
    public var debugDescription: String { description }
}

/// Finds the credential for a registry.
public protocol CredentialProvider: Sendable {
    /// The credential for a registry (`docker.io`, `localhost:5000`) and, where credentials differ by path, a repository
    /// in it; nil if there is none. Called on a thread that may block.
    func credential(for registry: String, repository: String?) throws -> Credential?
}

/// No credentials at all.
public struct AnonymousCredentials: CredentialProvider {
    /// Makes one.
    public init() {}

    /// Nil.
    public func credential(for registry: String, repository: String?) -> Credential? { nil }
}

/// Credentials known beforehand, by registry.
public struct FixedCredentials: CredentialProvider {
    private let credentials: [String: Credential]

    /// `credentials` by registry, such as `docker.io` or `localhost:5000`.
    public init(_ credentials: [String: Credential]) { self.credentials = credentials }

    /// The credential of that registry, for every repository.
    public func credential(for registry: String, repository: String?) -> Credential? { credentials[registry] }
}
