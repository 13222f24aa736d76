import FoundationEssentials
import Synchronization

/// Answers challenges, and keeps the answers: one token per host, repository and actions, one password per host and
/// repository, never used for another.
package final class Authorizer: Sendable {
    private struct Key: Hashable {
        var origin: WebAddress.Origin
        /// Credential files may have one password for each repository.
        var repository: String?
        /// What a token is for; nil for a password.
        var scope: AccessScope?

        static func token(_ origin: WebAddress.Origin, _ scope: AccessScope) -> Key {
            Key(origin: origin, repository: scope.repository, scope: scope)
        }

        static func password(_ origin: WebAddress.Origin, _ scope: AccessScope) -> Key {
            Key(origin: origin, repository: scope.repository, scope: nil)
        }
    }

    private struct Authorization {
        var header: String
        var expiry: ContinuousClock.Instant?
        var isFresh: Bool { expiry.map { ContinuousClock.now < $0 } ?? true }
    }

    /// Held while a token is fetched, so that parallel transfers wait for one token and do not fetch several.
    private final class Slot: Sendable {
        let content = Mutex<Authorization?>(nil)
    }

    private let slots = Mutex<[Key: Slot]>([:])
    private let credentials: any CredentialProvider
    private let tokens: TokenServer

    /// An authorizer that has no answers yet.
    package init(credentials: any CredentialProvider, tokens: TokenServer) {
        self.credentials = credentials
        self.tokens = tokens
    }

    /// The Authorization field known to open `scope`, if any.
    package func known(_ endpoint: RegistryEndpoint, origin: WebAddress.Origin, _ scope: AccessScope) -> String? {
        for key in [Key.token(origin, scope), .password(origin, scope)] {
            guard let slot = slots.withLock({ $0[key] }) else { continue }
            let header = slot.content.withLock { $0.flatMap { $0.isFresh ? $0.header : nil } }
            if let header { return header }
        }
        return nil
    }

    /// The Authorization field that answers the challenges of a refused request. `rejected` is what was sent with it:
    /// an answer that differs is reused, an equal one replaced.
    package func answer(
        _ challenges: [Challenge], endpoint: RegistryEndpoint, origin: WebAddress.Origin, scope: AccessScope,
        rejected: String?, cancellation: Cancellation
    ) throws -> String {
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            return try slot(.token(origin, scope)).content.withLock { content in
                if let content, content.isFresh, content.header != rejected { return content.header }
                content = nil
                let credential = try credentials.credential(for: endpoint.domain, repository: scope.repository)
                if case .registryToken(let token) = credential {
                    guard rejected != "Bearer \(token)" else { throw Self.refused(endpoint, credential) }
                    content = Authorization(header: "Bearer \(token)")
                } else {
                    let token = try tokens.fetch(
                        bearer, endpoint: endpoint, origin: origin, scope: scope, credential: credential,
                        cancellation: cancellation)
                    content = Authorization(header: "Bearer \(token.value)", expiry: token.expiry)
                }
                return content?.header ?? ""
            }
        }
        guard challenges.contains(where: { $0.scheme == "basic" }) else {
            let offered = challenges.map(\.scheme).joined(separator: ", ")
            throw RegistryError(
                code: "UNAUTHORIZED", subject: endpoint.domain,
                message: offered.isEmpty
                    ? "wants credentials but does not say of which kind"
                    : "wants credentials of a kind that we cannot give (\(RegistryError.quoted(offered)))",
                status: 401, nextStep: "is this the address of a container registry?")
        }
        let credential = try credentials.credential(for: endpoint.domain, repository: scope.repository)
        guard case .basic(let username, let password) = credential else { throw Self.refused(endpoint, credential) }
        let header = Self.basic(username, password)
        guard header != rejected else { throw Self.refused(endpoint, credential) }
        slot(.password(origin, scope)).content.withLock { $0 = Authorization(header: header) }
        return header
    }

    /// The field for a user name and password (RFC 7617).
    package static func basic(_ username: String, _ password: String) -> String {
        "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
    }

    private func slot(_ key: Key) -> Slot {
        slots.withLock { slots in
            if let slot = slots[key] { return slot }
            let slot = Slot()
            slots[key] = slot
            return slot
        }
    }

    static func refused(_ endpoint: RegistryEndpoint, _ credential: Credential?) -> RegistryError {
        RegistryError(
            code: "UNAUTHORIZED", subject: endpoint.domain,
            message: credential.map { "the registry refused the \($0)" }
                ?? "the registry wants credentials, and there are none for it",
            status: 401, nextStep: "run: ocibuild login \(endpoint.domain)")
    }
}
