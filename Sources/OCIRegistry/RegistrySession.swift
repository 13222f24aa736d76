import Synchronization

/// Requests to one registry, with redirects and authorisation. Everything here blocks.
package final class RegistrySession: Sendable {
    /// Hops after which a chain of redirects is given up.
    static let redirectLimit = 5

    /// The registry.
    package let endpoint: RegistryEndpoint
    private let transport: Transport
    private let authorizer: Authorizer
    private let currentOrigin: Mutex<WebAddress.Origin>

    package init(endpoint: RegistryEndpoint, transport: Transport, authorizer: Authorizer) {
        self.endpoint = endpoint
        self.transport = transport
        self.authorizer = authorizer
        currentOrigin = Mutex(endpoint.origin)
    }

    /// Where requests go: the endpoint's origin, or its plain-http twin once an insecure host turned out to be that.
    package var origin: WebAddress.Origin { currentOrigin.withLock { $0 } }

    /// The address of a path of the API. `path` must be escaped and begin with "/v2/".
    package func address(_ path: String) -> WebAddress { WebAddress(origin: origin, target: path) }

    /// Sends a request that needs `scope`, answering one challenge: a second refusal is the
    /// registry's word.
    package func send(
        _ request: HTTPRequest, scope: AccessScope, cancellation: Cancellation, inspector: HeadInspector? = nil
    ) throws -> HTTPResponse {
        var request = request
        let isOwn = request.url.origin == origin || request.url.origin == endpoint.origin
        if isOwn { request.url = request.url.moved(to: origin) }
        if isOwn { request.authorization = authorizer.known(endpoint, origin: origin, scope) }
        // The body of an answer that is about to be asked for again must not reach the consumer.
        let guarded: HeadInspector? = inspector.map { inspect in { $0.status == 401 ? nil : try inspect($0) } }
        let response = try follow(request, cancellation, guarded)
        guard isOwn, !response.isForeign, Self.asksForAuthorization(response) else { return response }
        request.authorization = try authorizer.answer(
            Challenge.parse(response.headers.all("www-authenticate")), endpoint: endpoint, origin: origin, scope: scope,
            rejected: request.authorization, cancellation: cancellation)
        request.url = request.url.moved(to: origin)
        return try follow(request, cancellation, guarded)
    }

    private static func asksForAuthorization(_ response: HTTPResponse) -> Bool {
        if response.status == 401 { return true }
        guard response.status == 403 else { return false }
        return Challenge.parse(response.headers.all("www-authenticate")).contains {
            $0.parameters["error"] == "insufficient_scope"
        }
    }

    /// Sends a request and follows redirects by hand. The Authorization field goes to the origin it was made for and,
    /// once a redirect has led elsewhere, to nobody: not even back to where it came from.
    private func follow(
        _ first: HTTPRequest, _ cancellation: Cancellation, _ inspector: HeadInspector?
    ) throws -> HTTPResponse {
        var request = first
        var isForeign = false
        for _ in 0...Self.redirectLimit {
            let guarded: HeadInspector? = inspector.map { inspect in
                { Self.isRedirect($0) ? nil : try inspect($0) }
            }
            var response = try perform(&request, cancellation, guarded)
            response.isForeign = isForeign
            guard Self.isRedirect(response.head), let location = response.headers["location"] else { return response }
            let isRead = request.method == "GET" || request.method == "HEAD"
            // 301 to 303 turn other methods into GET, which is not what was asked for.
            guard isRead || response.status == 307 || response.status == 308 else { return response }
            let next = try redirection(location, from: request.url)
            if next.origin != request.url.origin {
                isForeign = true
                request.authorization = nil
                request.avoidsMetadataServices = true
            }
            request.url = next
        }
        throw RegistryError(
            code: "REDIRECT_LOOP", subject: endpoint.domain,
            message: "more than \(Self.redirectLimit) redirects one after another", url: first.url.description)
    }

    private static func isRedirect(_ head: HTTPHead) -> Bool {
        [301, 302, 303, 307, 308].contains(head.status) && head.headers["location"] != nil
    }

    private func redirection(_ location: String, from url: WebAddress) throws(RegistryError) -> WebAddress {
        func refusal(_ target: String, _ reason: String) -> RegistryError {
            RegistryError(
                code: "REFUSED_REDIRECT", subject: endpoint.domain,
                message: "a redirect to \(target) is not followed: \(reason)", url: url.description)
        }
        let next: WebAddress
        do {
            next = try WebAddress(parsing: location, relativeTo: url)
        } catch {
            throw refusal(error.subject, error.message)
        }
        if url.origin.scheme == "https", next.origin.scheme == "http" {
            throw refusal(next.description, "it leads from https to plain http")
        }
        guard AddressClass.mayLead(from: endpoint.origin.host, to: next.origin.host) else {
            throw refusal(next.description, "it leads to an address inside this network")
        }
        return next
    }

    private func perform(
        _ request: inout HTTPRequest, _ cancellation: Cancellation, _ inspector: HeadInspector?
    ) throws -> HTTPResponse {
        do {
            return try transport.perform(request, cancellation: cancellation, inspector: inspector)
        } catch let error as RegistryError where error.code == "PLAIN_HTTP" && endpoint.isInsecure {
            guard request.url.origin == endpoint.origin else { throw error }
            let port = endpoint.origin.port == 443 ? 80 : endpoint.origin.port
            let plain = WebAddress.Origin(scheme: "http", host: endpoint.origin.host, port: port)
            currentOrigin.withLock { $0 = plain }
            request.url = request.url.moved(to: plain)
            return try transport.perform(request, cancellation: cancellation, inspector: inspector)
        }
    }
}
