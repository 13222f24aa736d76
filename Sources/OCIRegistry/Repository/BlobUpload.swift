import OCIContent
import OCISpec
import Synchronization

/// One blob on its way to a registry. Every try opens a session of its own and sends the blob in one piece; a registry,
/// or a proxy before it, that finds that too large gets it in chunks, for which it has to lie still.
final class BlobUpload: Sendable {
    /// Below the 100 MB that common proxies allow.
    static let chunkSize: Int64 = 64 << 20

    /// What is sent.
    enum Content: Sendable {
        /// A blob that lies on this machine.
        case file(BlobFile)
        /// A small blob in memory.
        case bytes([UInt8])
        /// A blob that comes from elsewhere. For one try.
        case relay(BlobRelay)
    }

    /// A relayed blob would have to be sent in chunks.
    struct NeedsChunks: Error {}

    private let blob: Descriptor
    private let repository: Repository
    private let subject: String
    private let progress: @Sendable (Int64) -> Void
    /// An answer that opened a session already, good for one try.
    private let offered: Mutex<HTTPResponse?>

    init(
        _ blob: Descriptor, repository: Repository, subject: String, offered: HTTPResponse? = nil,
        progress: @escaping @Sendable (Int64) -> Void
    ) {
        self.blob = blob
        self.repository = repository
        self.subject = subject
        self.progress = progress
        self.offered = Mutex(offered)
    }

    /// One try. Throws a transient error where the next may succeed.
    func attempt(_ content: Content, _ cancellation: Cancellation) throws {
        let session = try open(cancellation)
        var request = HTTPRequest("PUT", named(session.location))
        request.headers = [("Content-Type", "application/octet-stream")]
        switch content {
        case .file(let file): request.body = .file(file.path, offset: file.offset, size: file.size)
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .relay(let relay): request.body = .stream(relay, size: blob.size)
        }
        request.sent = progress
        let response = try send(request, cancellation)
        switch response.status {
        case 200..<300: try checkDigest(response)
        case 405, 411, 413, 501:
            if case .relay = content { throw NeedsChunks() }
            try sendChunks(of: content, cancellation)
        default: throw lost(response)
        }
    }

    private struct Session {
        var location: WebAddress
        var smallestChunk: Int64
    }

    private func open(_ cancellation: Cancellation) throws -> Session {
        let response = try offered.withLock({ $0.take() }) ?? begin(cancellation)
        guard response.status == 202 else { throw repository.refusal(response, subject) }
        let smallest = response.headers["oci-chunk-min-length"].flatMap { Int64($0) } ?? 0
        return Session(location: try location(response), smallestChunk: min(max(smallest, 0), 1 << 30))
    }

    private func begin(_ cancellation: Cancellation) throws -> HTTPResponse {
        var request = HTTPRequest("POST", repository.address("blobs/uploads/"))
        request.body = .bytes([])
        return try send(request, cancellation)
    }

    private func sendChunks(of content: Content, _ cancellation: Cancellation) throws {
        let session = try open(cancellation)
        var location = session.location
        let size = max(Self.chunkSize, session.smallestChunk)
        var offset: Int64 = 0
        var standstills = 0
        while offset < blob.size {
            let count = min(size, blob.size - offset)
            var request = HTTPRequest("PATCH", location)
            request.headers = [
                ("Content-Type", "application/octet-stream"), ("Content-Range", "\(offset)-\(offset + count - 1)"),
            ]
            switch content {
            case .file(let file): request.body = .file(file.path, offset: file.offset + offset, size: count)
            case .bytes(let bytes): request.body = .bytes(Array(bytes[Int(offset)..<Int(offset + count)]))
            case .relay: throw NeedsChunks()
            }
            let before = offset
            request.sent = { [progress] in progress(before + $0) }
            var response = try send(request, cancellation)
            if response.status == 416 { response = try send(HTTPRequest("GET", location), cancellation) }
            guard (200..<300).contains(response.status) else { throw lost(response) }
            location = try self.location(response)
            // The registry's count is what counts.
            offset = try received(response) ?? offset + count
            standstills = offset > before ? 0 : standstills + 1
            guard standstills < 3, offset <= blob.size else {
                throw RegistryError(
                    code: "BLOB_UPLOAD_INVALID", subject: subject,
                    message: "the registry counts \(offset) of \(blob.size) bytes and does not get on")
            }
        }
        var request = HTTPRequest("PUT", named(location))
        request.body = .bytes([])
        let response = try send(request, cancellation)
        guard (200..<300).contains(response.status) else { throw lost(response) }
        try checkDigest(response)
    }

    private func send(_ request: HTTPRequest, _ cancellation: Cancellation) throws -> HTTPResponse {
        var request = request
        request.avoidsMetadataServices = request.url.origin.host != repository.session.origin.host
        request.responseSeconds = repository.client.options.timeouts.commit
        let response = try repository.session.send(
            request, scope: repository.scope(.push), cancellation: cancellation)
        let refusal = repository.refusal(response, subject)
        if refusal.isTransient { throw refusal }
        return response
    }

    /// A session that the registry has forgotten is worth another one.
    private func lost(_ response: HTTPResponse) -> RegistryError {
        var error = repository.refusal(response, subject)
        if response.status == 404 { error.code = "UPLOAD_LOST" }
        return error
    }

    private func named(_ location: WebAddress) -> WebAddress {
        location.adding(query: "digest=\(WebAddress.escaped(blob.digest.description))")
    }

    private func checkDigest(_ response: HTTPResponse) throws {
        guard let said = response.headers["docker-content-digest"], said != blob.digest.description else { return }
        throw RegistryError(
            code: "DIGEST_MISMATCH", subject: subject,
            message: "the registry stored the blob as \(RegistryError.quoted(said, limit: 100))",
            nextStep: "check the local store for damage")
    }

    /// The count in `Range: 0-LAST`.
    private func received(_ response: HTTPResponse) throws -> Int64? {
        guard let range = response.headers["range"] else { return nil }
        let text = range.hasPrefix("bytes=") ? range.dropFirst(6) : range[...]
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends[0] == "0", let last = Int64(ends[1]), last >= 0, last < Int64.max else {
            throw RegistryError(
                code: "BAD_RANGE", subject: subject,
                message: "the registry counts what it has as \(RegistryError.quoted(range, limit: 80))")
        }
        // "0-0" is what registries say for nothing as well as for one byte.
        return last == 0 ? 0 : last + 1
    }

    /// Where the session goes on. It may be elsewhere, but then nothing of ours that is secret goes with it.
    private func location(_ response: HTTPResponse) throws(RegistryError) -> WebAddress {
        let own = repository.session.origin
        func refusal(_ text: String, _ reason: String) -> RegistryError {
            RegistryError(
                code: "REFUSED_LOCATION", subject: subject, message: "the upload is not sent to \(text): \(reason)",
                url: response.url.description, nextStep: "check the registry's own address in its configuration")
        }
        guard let text = response.headers["location"] else { throw refusal("(nowhere)", "the answer has no Location") }
        let next: WebAddress
        do {
            next = try WebAddress(parsing: text, relativeTo: response.url)
        } catch {
            throw refusal(error.subject, error.message)
        }
        if own.scheme == "https", next.origin.scheme == "http" {
            // A registry behind a proxy that ends TLS knows neither its scheme nor its port. The way to it is known.
            guard next.origin.host == own.host else { throw refusal(next.description, "it leads to plain http") }
            return next.moved(to: own)
        }
        guard AddressClass.mayLead(from: own.host, to: next.origin.host) else {
            throw refusal(next.description, "it is an address inside this network")
        }
        return next
    }
}
