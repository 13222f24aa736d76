import CCurl
import Glibc
import LinuxSystem

/// The state of one request on its thread; libcurl's callbacks work on it. Never used by two threads.
final class Transfer {
    /// More than any registry sends; a server that sends more is refused.
    static let headerByteLimit = 64 << 10
    static let headerCountLimit = 256

    let request: HTTPRequest
    let cancellation: Cancellation
    let inspector: HeadInspector?

    private(set) var head: HTTPHead?
    private(set) var body: [UInt8] = []
    private(set) var isCut = false
    /// What a callback found wrong; it goes before libcurl's own account.
    private(set) var failure: (any Error)?

    private var partialHead: HTTPHead?
    private var headerBytes = 0
    private var consumer: ChunkConsumer?
    private var hasInspected = false
    private var sentBytes: Int64 = 0
    private var received: Int64 = 0
    private var watch: StallWatch
    private var source: OwnedDescriptor?

    init(
        _ request: HTTPRequest, _ timeouts: TransportTimeouts, _ cancellation: Cancellation, _ inspector: HeadInspector?
    )
        throws
    {
        self.request = request
        self.cancellation = cancellation
        self.inspector = inspector
        watch = StallWatch(timeouts, responseSeconds: request.responseSeconds)
        if case .file(let path, _, _) = request.body { source = try OwnedDescriptor.open(path, O_RDONLY) }
        // As after a challenge: the answer to it is known now, and the next try begins with it.
        if case .stream(let stream, _) = request.body, !stream.begin() { throw Self.passedBy(request) }
    }

    /// One line of the head. Returns the count taken; anything else ends the transfer.
    func header(_ line: UnsafeRawBufferPointer) -> Int {
        headerBytes += line.count
        let text = String(decoding: line, as: UTF8.self)
        let trimmed = Self.trimmed(text)
        if trimmed.hasPrefix("HTTP/") {
            let words = trimmed.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, let status = Int(words[1]) else {
                return fail(.badAnswer("has no status", request))
            }
            partialHead = HTTPHead(status: status)
            return line.count
        }
        guard var partial = partialHead else {
            // After the body: trailers, which nothing here depends on.
            return headerBytes <= Self.headerByteLimit ? line.count : fail(.badAnswer("has too many trailers", request))
        }
        guard headerBytes <= Self.headerByteLimit, partial.headers.fields.count < Self.headerCountLimit else {
            return fail(.badAnswer("has more header fields than any registry sends", request))
        }
        if trimmed.isEmpty {
            partialHead = nil
            if partial.status >= 200 { head = partial }
        } else if let colon = trimmed.firstIndex(of: ":") {
            partial.headers.append(
                String(trimmed[..<colon]), String(Self.trimmed(String(trimmed[trimmed.index(after: colon)...]))))
            partialHead = partial
        }
        return line.count
    }

    /// Some bytes of the body.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let head else { return fail(.badAnswer("has a body before its head", request)) }
        received += Int64(bytes.count)
        let start = ContinuousClock.now
        defer { watch.exclude(start.duration(to: .now)) }
        do {
            try inspectOnce(head)
            if let consumer {
                try consumer(bytes)
            } else {
                let room = max(0, request.collectLimit - body.count)
                body.append(contentsOf: bytes.prefix(room))
                if bytes.count > room {
                    isCut = true
                    return Int(CCURL_WRITE_FAILED)
                }
            }
            return bytes.count
        } catch {
            failure = failure ?? error
            return Int(CCURL_WRITE_FAILED)
        }
    }

    /// An answer without a body is inspected too: a consumer that expects bytes must learn that there are none.
    func finish() throws {
        if let head { try inspectOnce(head) }
    }

    private func inspectOnce(_ head: HTTPHead) throws {
        guard !hasInspected else { return }
        hasInspected = true
        consumer = try inspector?(head)
    }

    /// Fills the buffer with the next bytes of the request's body.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        do {
            var count = 0
            switch request.body {
            case .none: return 0
            case .bytes(let bytes):
                let offset = Int(sentBytes)
                count = min(buffer.count, bytes.count - offset)
                bytes.withUnsafeBytes {
                    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
                }
            case .file(let path, let offset, let size):
                let wanted = Int(min(Int64(buffer.count), size - sentBytes))
                guard wanted > 0 else { return 0 }
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted])
                switch source {
                case .some(let open): count = try open.read(into: part, at: offset + sentBytes)
                case .none: count = 0
                }
                guard count > 0 else {
                    throw RegistryError(
                        code: "SOURCE_TRUNCATED", subject: path.description,
                        message: "the file became shorter while it was sent")
                }
            case .stream(let stream, let size):
                let wanted = Int(min(Int64(buffer.count), size - sentBytes))
                guard wanted > 0 else { return 0 }
                // Waiting for the bytes is not the receiver's fault.
                let start = ContinuousClock.now
                count = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted]))
                watch.exclude(start.duration(to: .now))
                guard count > 0 else {
                    throw RegistryError(
                        code: "SOURCE_TRUNCATED", subject: request.url.origin.authority,
                        message: "what was to be sent ended after \(sentBytes) of \(size) bytes")
                }
            }
            sentBytes += Int64(count)
            request.sent?(sentBytes)
            return count
        } catch {
            failure = failure ?? error
            return Int(CCURL_READ_ABORT)
        }
    }

    /// libcurl starts the body again when a kept connection turned out to be dead.
    func seek(to offset: Int64) -> Bool {
        guard offset >= 0, offset <= request.body.size else { return false }
        if case .stream = request.body, offset != sentBytes {
            failure = failure ?? Self.passedBy(request)
            return false
        }
        sentBytes = offset
        return true
    }

    /// Called at least once a second. Returns whether to go on.
    func progress() -> Bool {
        if cancellation.isCancelled {
            failure = failure ?? CancellationError()
            return false
        }
        let complaint = watch.complaint(
            bytes: received + sentBytes, isSent: sentBytes >= request.body.size, hasHead: head != nil)
        guard let complaint else { return true }
        failure =
            failure
            ?? RegistryError(
                code: "TIMEOUT", subject: request.url.origin.authority, message: complaint,
                url: request.url.description,
                nextStep: "check the connection to the registry, or try again")
        return false
    }

    /// The address that was connected to. Returns whether to send the request.
    func mayTalk(to address: String) -> Bool {
        guard request.avoidsMetadataServices else { return true }
        switch AddressClass(host: address) {
        case .linkLocal, .unspecified:
            failure = RegistryError(
                code: "REFUSED_ADDRESS", subject: request.url.origin.authority,
                message: "leads to \(address), which a registry has no reason to send us to",
                url: request.url.description)
            return false
        default: return true
        }
    }

    /// A stream that would have to be sent a second time. Worth another try, which begins with another stream.
    private static func passedBy(_ request: HTTPRequest) -> RegistryError {
        RegistryError(
            code: "CONNECTION_LOST", subject: request.url.origin.authority,
            message: "the upload has to begin anew", url: request.url.description, nextStep: "try again")
    }

    private func fail(_ error: RegistryError) -> Int {
        failure = failure ?? error
        return Int(CCURL_WRITE_FAILED)
    }

    private static func trimmed(_ text: String) -> Substring {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        var part = text[...]
        while let first = part.first, blank(first) { part.removeFirst() }
        while let last = part.last, blank(last) { part.removeLast() }
        return part
    }
}

extension RegistryError {
    /// An answer that is not HTTP as a registry speaks it.
    static func badAnswer(_ what: String, _ request: HTTPRequest) -> RegistryError {
        RegistryError(
            code: "BAD_ANSWER", subject: request.url.origin.authority, message: "the answer \(what)",
            url: request.url.description)
    }
}
