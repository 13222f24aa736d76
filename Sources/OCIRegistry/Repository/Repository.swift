import OCISpec
import Synchronization

/// One repository of a registry: a content store whose blobs are streamed and verified, never held in memory.
public final class Repository: Sendable {
    let client: RegistryClient
    let session: RegistrySession
    /// The repository's path in the registry, such as `library/python`.
    public let name: String
    /// Manifests met lately, so that one that was just pushed or resolved is not fetched to be tagged or read.
    let manifests = ManifestCache()
    /// Blobs that the registry just said it does not have.
    let absent = DigestSet()
    /// Blobs that the registry took from another of its repositories, and from which.
    let mounted = Mutex<[Digest: String]>([:])

    init(client: RegistryClient, session: RegistrySession, name: String) {
        self.client = client
        self.session = session
        self.name = name
    }

    /// Whether this client brought the blob here without sending it, since another repository of the registry had it.
    package func hasMounted(_ digest: Digest) -> Bool { mountSource(of: digest) != nil }

    /// The repository that the registry took the blob from when this client brought it here; nil if it was sent.
    package func mountSource(of digest: Digest) -> String? { mounted.withLock { $0[digest] } }

    /// The registry, as in references: `docker.io`, `localhost:5000`.
    public var registry: String { session.endpoint.domain }

    /// Says that another repository of the same registry holds these blobs, so that a push can mount them from there
    /// instead of sending them. What this client pulled or pushed itself is known already.
    public func noteMountSource(_ repository: String, for digests: some Sequence<Digest>) {
        for digest in digests { client.mountSources.note(digest, domain: registry, repository: repository) }
    }

    /// An address below `/v2/NAME/`.
    func address(_ rest: String) -> WebAddress { session.address("/v2/\(name)/\(rest)") }

    func scope(_ actions: AccessScope.Actions, mountSource: String? = nil) -> AccessScope {
        AccessScope(repository: name, actions: actions, mountSource: mountSource)
    }

    /// The error for an answer that is not the one hoped for.
    func refusal(_ response: HTTPResponse, _ subject: String) -> RegistryError {
        RegistryError(refusal: response, subject: subject, endpoint: session.endpoint)
    }

    /// Sends a request, again where the failure may pass, and returns every answer that is not such a failure.
    func exchange(
        _ subject: String, _ actions: AccessScope.Actions, _ request: HTTPRequest
    ) async throws -> HTTPResponse {
        try await client.retries.run {
            try await Cancellation.blocking { [self] cancellation in
                let response = try session.send(request, scope: scope(actions), cancellation: cancellation)
                let refusal = refusal(response, subject)
                if refusal.isTransient { throw refusal }
                return response
            }
        }
    }

    /// Content is what its digest says: an encoding on the way would make it something else.
    static func refuseEncoding(_ headers: HTTPHeaders, subject: String) throws(RegistryError) {
        guard let encoding = headers["content-encoding"]?.lowercased(), !encoding.isEmpty, encoding != "identity" else {
            return
        }
        throw RegistryError(
            code: "CONTENT_ENCODING", subject: subject,
            message: "the answer is encoded as \(RegistryError.quoted(encoding, limit: 40)), which was not asked for",
            nextStep: "look for a proxy that compresses what it passes on")
    }
}

/// The bytes of a few manifests by digest.
final class ManifestCache: Sendable {
    private struct State {
        var entries: [Digest: [UInt8]] = [:]
        var order: [Digest] = []
    }

    private static let limit = 64
    private let state = Mutex(State())

    func bytes(_ digest: Digest) -> [UInt8]? { state.withLock { $0.entries[digest] } }

    func keep(_ bytes: [UInt8], digest: Digest) {
        // Large ones are rare, and fetched again at little relative cost.
        guard bytes.count <= 256 << 10 else { return }
        state.withLock { state in
            if state.entries.updateValue(bytes, forKey: digest) == nil { state.order.append(digest) }
            if state.order.count > Self.limit { state.entries[state.order.removeFirst()] = nil }
        }
    }
}
