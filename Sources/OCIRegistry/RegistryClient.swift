import OCISpec
import Synchronization

/// Talks to registries. One client keeps connections, tokens and what it learned about blobs for all its repositories,
/// so a program needs one.
public final class RegistryClient: Sendable {
    /// The options it was made with.
    public let options: RegistryOptions
    let retries: RetryPolicy
    let mountSources: MountSources
    private let transport: Transport
    private let authorizer: Authorizer
    private let sessions = Mutex<[String: RegistrySession]>([:])

    /// A client; it connects to nothing yet.
    public init(options: RegistryOptions = RegistryOptions()) {
        self.options = options
        mountSources = MountSources()
        retries = RetryPolicy(
            attempts: max(1, options.attempts), firstPause: options.firstPause, longestPause: options.longestPause)
        let insecure = options.insecureHosts
        transport = Transport(
            trust: TrustStore(
                caBundle: options.caBundle, directories: options.certificateDirectories,
                environment: options.environment),
            proxies: ProxySettings(environment: options.environment), timeouts: options.timeouts,
            userAgent: options.userAgent,
            unverified: { origin in
                insecure.contains("*") || insecure.contains(origin.authority)
                    || insecure.contains("\(origin.host):\(origin.port)")
            })
        authorizer = Authorizer(credentials: options.credentials, tokens: TokenServer(transport: transport))
    }

    /// A client for what can be done without: it gives up after so many tries. Connections, credentials and what is known
    /// of blobs it shares with the other.
    package init(sharing other: RegistryClient, attempts: Int) {
        options = other.options
        mountSources = other.mountSources
        retries = RetryPolicy(
            attempts: max(1, attempts), firstPause: options.firstPause, longestPause: options.longestPause)
        transport = other.transport
        authorizer = other.authorizer
    }

    /// The repository that a reference names. Throws if the registry's name is not a host.
    public func repository(_ reference: Reference) throws -> Repository {
        Repository(client: self, session: try session(reference.domain), name: reference.repository)
    }

    /// Asks a registry whether it accepts a credential, before it is kept. Throws `UNAUTHORIZED` if not.
    public func verify(_ credential: Credential, registry: String) async throws {
        let endpoint = try endpoint(registry)
        let provider = FixedCredentials([endpoint.domain: credential])
        let authorizer = Authorizer(credentials: provider, tokens: TokenServer(transport: transport))
        let session = RegistrySession(endpoint: endpoint, transport: transport, authorizer: authorizer)
        try await retries.run {
            try await Cancellation.blocking { cancellation in
                let scope = AccessScope(repository: nil, actions: .pull)
                let response = try session.send(
                    HTTPRequest("GET", session.address("/v2/")), scope: scope, cancellation: cancellation)
                if response.status == 401 { throw Authorizer.refused(endpoint, credential) }
                guard (200..<300).contains(response.status) else {
                    throw RegistryError(refusal: response, subject: registry, endpoint: endpoint)
                }
            }
        }
    }

    func endpoint(_ domain: String) throws(RegistryError) -> RegistryEndpoint {
        try RegistryEndpoint(domain: domain, plainHTTP: options.plainHTTPHosts, insecure: options.insecureHosts)
    }

    private func session(_ domain: String) throws(RegistryError) -> RegistrySession {
        let endpoint = try endpoint(domain)
        return sessions.withLock { sessions in
            if let session = sessions[endpoint.domain] { return session }
            let session = RegistrySession(endpoint: endpoint, transport: transport, authorizer: authorizer)
            sessions[endpoint.domain] = session
            return session
        }
    }
}
