import OCISpec

/// Fetches access tokens as the distribution project specifies it
/// (<https://distribution.github.io/distribution/spec/auth/token/> and …/oauth/).
package struct TokenServer: Sendable {
    /// An access token and when to stop using it.
    package struct Token: Sendable {
        /// Goes after `Bearer `.
        package var value: String
        /// A little before the server forgets it.
        package var expiry: ContinuousClock.Instant
    }

    private struct Answer: Decodable {
        var token: String?
        var accessToken: String?
        var lifetime: Int?

        enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
            case lifetime = "expires_in"
        }
    }

    private let transport: Transport

    /// Uses `transport` for its requests.
    package init(transport: Transport) { self.transport = transport }

    /// Fetches a token for `scope`. Blocks.
    package func fetch(
        _ challenge: Challenge, endpoint: RegistryEndpoint, origin: WebAddress.Origin, scope: AccessScope,
        credential: Credential?, cancellation: Cancellation
    ) throws -> Token {
        let realm = try Self.realm(challenge, endpoint: endpoint, registry: origin)
        var request = Self.request(realm, challenge, scope: scope, credential: credential)
        request.avoidsMetadataServices = realm.origin.host != origin.host
        request.collectLimit = 256 << 10
        let start = ContinuousClock.now
        let response = try transport.perform(request, cancellation: cancellation)
        guard response.status == 200 else {
            throw Self.refusal(response, endpoint: endpoint, realm: realm, credential: credential)
        }
        let answer = response.isCut ? nil : try? CanonicalJSON.decode(Answer.self, from: response.body)
        guard let answer, let value = answer.token ?? answer.accessToken, !value.isEmpty,
            value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            throw RegistryError(
                code: "BAD_ANSWER", subject: endpoint.domain, message: "the token server's answer holds no token",
                url: realm.description, status: 200)
        }
        // The specification's lifetime is 60 seconds where none is said; a tenth is kept for the way and the clocks.
        let lifetime = min(max(answer.lifetime ?? 60, 60), 24 * 3600)
        return Token(value: value, expiry: start + .seconds(Double(lifetime) * 0.9))
    }

    /// The token server's address, if the registry may send our credentials there: https (or the http that was allowed
    /// for this very host), no user information, and not a place in the network's interior.
    private static func realm(
        _ challenge: Challenge, endpoint: RegistryEndpoint, registry: WebAddress.Origin
    ) throws(RegistryError) -> WebAddress {
        func refusal(_ text: String, _ reason: String) -> RegistryError {
            RegistryError(
                code: "REFUSED_REALM", subject: endpoint.domain,
                message: "the registry names a token server that is not used: \(text): \(reason)",
                nextStep: "is this the registry you mean?")
        }
        guard let text = challenge.parameters["realm"], !text.isEmpty else {
            throw refusal("(none)", "a Bearer challenge needs a realm")
        }
        let realm: WebAddress
        do {
            realm = try WebAddress(parsing: text)
        } catch {
            throw refusal(error.subject, error.message)
        }
        if realm.origin.scheme == "http", registry.scheme != "http" || realm.origin.host != registry.host {
            throw refusal(realm.description, "credentials do not go over plain http")
        }
        guard AddressClass.mayLead(from: registry.host, to: realm.origin.host) else {
            throw refusal(realm.description, "an address inside this network")
        }
        return realm
    }

    private static func request(
        _ realm: WebAddress, _ challenge: Challenge, scope: AccessScope, credential: Credential?
    ) -> HTTPRequest {
        let service = challenge.parameters["service"]
        if case .identityToken(let refresh) = credential {
            var form = ["grant_type=refresh_token", "client_id=ocibuild"]
            form.append("refresh_token=\(WebAddress.escaped(refresh))")
            if let service { form.append("service=\(WebAddress.escaped(service))") }
            let scopes = scope.texts.joined(separator: " ")
            if !scopes.isEmpty { form.append("scope=\(WebAddress.escaped(scopes))") }
            var request = HTTPRequest("POST", realm)
            request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
            request.body = .bytes(Array(form.joined(separator: "&").utf8))
            return request
        }
        var url = realm
        if let service { url = url.adding(query: "service=\(WebAddress.escaped(service))") }
        for text in scope.texts { url = url.adding(query: "scope=\(WebAddress.escaped(text))") }
        var request = HTTPRequest("GET", url)
        if case .basic(let username, let password) = credential {
            request.authorization = Authorizer.basic(username, password)
            request.url = url.adding(query: "account=\(WebAddress.escaped(username))")
        }
        return request
    }

    private static func refusal(
        _ response: HTTPResponse, endpoint: RegistryEndpoint, realm: WebAddress, credential: Credential?
    ) -> RegistryError {
        switch response.status {
        case 300..<400:
            return RegistryError(
                code: "REFUSED_REALM", subject: endpoint.domain,
                message: "the token server sends us elsewhere, which is not followed with credentials",
                url: realm.description, status: response.status)
        case 400, 401, 403:
            let said = APIErrors(response.body)?.first?.message.map { ": \(RegistryError.quoted($0))" } ?? ""
            return RegistryError(
                code: response.status == 403 ? "DENIED" : "UNAUTHORIZED", subject: endpoint.domain,
                message: (credential.map { "the token server refused the \($0)" }
                    ?? "the token server gives nothing without credentials") + said,
                url: realm.description, status: response.status, nextStep: "run: ocibuild login \(endpoint.domain)")
        default:
            return RegistryError(
                code: "TOKEN_SERVER", subject: endpoint.domain, message: "the token server failed",
                url: realm.description, status: response.status,
                nextStep: response.status >= 500 || response.status == 429 ? "try again later" : nil)
        }
    }
}
