import Codecs
import OCISpec
import Synchronization

/// One blob on its way from a registry to a consumer, over as many connections as it takes. Each byte is handed on once;
/// the digest is taken over all that was handed on, so a piece that does not fit the others is found out.
// Sendable unchecked: one try runs at a time, each on one thread, and tries follow one another.
final class BlobDownload: @unchecked Sendable {
    private let blob: Descriptor
    private let subject: String
    private let body: @Sendable (UnsafeRawBufferPointer) throws -> Void
    private let hasher = HashingWriter(nil)
    private let count = Atomic<Int64>(0)

    /// Wraps what the consumer throws, so that it is never taken for a failure of the network.
    struct ConsumerFailure: Error {
        let cause: any Error
    }

    init(_ blob: Descriptor, subject: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) {
        self.blob = blob
        self.subject = subject
        self.body = body
    }

    /// Bytes handed on so far.
    var delivered: Int64 { count.load(ordering: .relaxed) }

    /// One try: asks for what is missing and hands it on. Throws a transient error if the connection breaks.
    func attempt(_ repository: Repository, _ cancellation: Cancellation) throws {
        let start = delivered
        if start == blob.size, start > 0 { return }
        var request = HTTPRequest("GET", repository.address("blobs/\(blob.digest)"))
        if start > 0 { request.headers = [("Range", "bytes=\(start)-")] }
        var isStreaming = false
        let response = try repository.session.send(
            request, scope: repository.scope(.pull), cancellation: cancellation
        ) { head in
            let consumer = try self.consumer(for: head, start: start)
            isStreaming = consumer != nil
            return consumer
        }
        guard isStreaming else { throw refusal(repository, response) }
        guard delivered == blob.size else {
            throw RegistryError(
                code: "CONNECTION_LOST", subject: subject,
                message: "the blob ended after \(delivered) of \(blob.size) bytes", url: response.url.description)
        }
    }

    /// Compares the whole with its name.
    func verify() throws {
        let actual = hasher.finalize()
        guard actual == blob.digest else {
            throw RegistryError(
                code: "DIGEST_MISMATCH", subject: subject,
                message: "the content that came has the digest \(actual)",
                nextStep: "the registry's copy is damaged, or something between changed it")
        }
    }

    private func consumer(for head: HTTPHead, start: Int64) throws -> ChunkConsumer? {
        guard head.status == 200 || head.status == 206 else { return nil }
        try Repository.refuseEncoding(head.headers, subject: subject)
        var skip: Int64 = 0
        if head.status == 206 {
            guard start > 0, Self.starts(head.headers["content-range"], at: start, size: blob.size) else {
                throw RegistryError(
                    code: "BAD_RANGE", subject: subject,
                    message: "the registry sent another part than the one asked for (from byte \(start)): "
                        + RegistryError.quoted(head.headers["content-range"] ?? "no Content-Range", limit: 80))
            }
        } else {
            // The whole once more: what was handed on already is passed over.
            skip = start
            if let length = head.headers.contentLength, length != blob.size { throw wrongSize(length) }
        }
        return { [self] chunk in
            var chunk = chunk
            if skip > 0 {
                let drop = Int(min(skip, Int64(chunk.count)))
                skip -= Int64(drop)
                chunk = UnsafeRawBufferPointer(rebasing: chunk[drop...])
            }
            guard chunk.count > 0 else { return }
            let total = delivered + Int64(chunk.count)
            guard total <= blob.size else { throw wrongSize(nil) }
            do {
                try body(chunk)
            } catch {
                throw ConsumerFailure(cause: error)
            }
            try hasher.write(chunk)
            count.store(total, ordering: .relaxed)
        }
    }

    private func wrongSize(_ length: Int64?) -> RegistryError {
        RegistryError(
            code: "SIZE_MISMATCH", subject: subject,
            message: "the blob has \(length.map(String.init) ?? "more") bytes, its descriptor says \(blob.size)",
            nextStep: "the registry's copy is damaged, or something between changed it")
    }

    private func refusal(_ repository: Repository, _ response: HTTPResponse) -> RegistryError {
        if response.status == 416 {
            return RegistryError(
                code: "SIZE_MISMATCH", subject: subject,
                message: "the blob ended after \(delivered) bytes, its descriptor says \(blob.size)", status: 416)
        }
        var error = repository.refusal(response, subject)
        if response.status == 404 {
            if error.code == "NOT_FOUND" { error.code = "BLOB_UNKNOWN" }
            if blob.mediaType.isForeignLayer || blob.urls?.isEmpty == false {
                error.nextStep = "its manifest points to an address outside the registry, which is not followed"
            }
        }
        return error
    }

    /// Whether `Content-Range` says `bytes start-…/size`.
    private static func starts(_ field: String?, at start: Int64, size: Int64) -> Bool {
        guard let field, field.hasPrefix("bytes ") else { return false }
        let parts = field.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "*" || Int64(parts[1]) == size else { return false }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        return ends.count == 2 && Int64(ends[0]) == start && Int64(ends[1]).map { $0 >= start && $0 < size } ?? false
    }
}
