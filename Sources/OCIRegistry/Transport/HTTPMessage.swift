import LinuxSystem

/// Bytes of a request's body that come from elsewhere while it is sent.
package protocol HTTPBodyStream: Sendable {
    /// Called before the first read; false where the bytes were asked for before, and cannot be had again.
    func begin() -> Bool
    /// Fills the start of the buffer and returns how many bytes; blocks until there are some; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// What a request carries. Every kind but the stream can be sent again from its start.
package enum HTTPBody: Sendable {
    /// No body and no Content-Length.
    case none
    /// Bytes in memory.
    case bytes([UInt8])
    /// A range of a file, read while it is sent.
    case file(Path, offset: Int64, size: Int64)
    /// Bytes as they come.
    case stream(any HTTPBodyStream, size: Int64)

    /// Bytes that will be sent.
    var size: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, _, let size), .stream(_, let size): size
        }
    }
}

/// One request, before redirects.
package struct HTTPRequest: Sendable {
    /// GET, HEAD, POST, PUT, PATCH or DELETE.
    package var method: String
    /// Where it goes.
    package var url: WebAddress
    /// Header fields except Authorization.
    package var headers: [(name: String, value: String)] = []
    /// The value of the Authorization field. Apart from the others, because it must not follow a redirect elsewhere.
    package var authorization: String?
    /// What is sent.
    package var body: HTTPBody = .none
    /// The most bytes of an answer's body that are kept in memory.
    package var collectLimit = 64 << 10
    /// How long the answer's head may take after the request is sent, in seconds; nil = the transport's own limit.
    package var responseSeconds: Double?
    /// Refuse to connect to link-local and unspecified addresses, whatever the name resolved to.
    package var avoidsMetadataServices = false
    /// Called with the count of body bytes sent so far, on the thread that sends.
    package var sent: (@Sendable (Int64) -> Void)?

    /// A request without a body.
    package init(_ method: String, _ url: WebAddress) {
        self.method = method
        self.url = url
    }
}

/// The status line and header fields of an answer.
package struct HTTPHead: Sendable {
    /// The three digits.
    package var status: Int
    /// All header fields.
    package var headers = HTTPHeaders()
}

/// An answer.
package struct HTTPResponse: Sendable {
    /// Status and header fields.
    package var head: HTTPHead
    /// The collected body: empty where it was streamed to a consumer.
    package var body: [UInt8] = []
    /// Whether the body was longer than the limit, and cut.
    package var isCut = false
    /// What answered, after redirects.
    package var url: WebAddress
    /// Whether a redirect led to another origin than the one asked.
    package var isForeign = false

    /// The three digits.
    package var status: Int { head.status }
    /// All header fields.
    package var headers: HTTPHeaders { head.headers }
}

/// Takes the body's bytes in order, on the thread of the transfer; may block, which slows the sender.
package typealias ChunkConsumer = (UnsafeRawBufferPointer) throws -> Void

/// Looks at an answer's head before its body: a consumer for the body, or nil to have it collected. May throw to refuse
/// the answer.
package typealias HeadInspector = (HTTPHead) throws -> ChunkConsumer?
