import Glibc
import LinuxSystem
import Synchronization

/// A small HTTP/1.1 server on the loopback interface, each answer of which is decided by the test: for what a real
/// registry never does. It stops when it is released.
package final class FaultRegistry: Sendable {
    /// One request as it came in.
    package struct Request: Sendable {
        /// GET, PUT, …
        package let method: String
        /// Path and query.
        package let target: String
        /// Header fields, names in lower case.
        package let headers: [(name: String, value: String)]
        /// The whole body.
        package let body: [UInt8]

        /// The target without its query.
        package var path: String { String(target.prefix { $0 != "?" }) }
        /// The first field of that name (in lower case).
        package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    /// One answer, and how it goes wrong.
    package struct Response: Sendable {
        /// The three digits.
        package var status: Int
        /// Header fields besides Content-Length.
        package var headers: [(String, String)]
        /// The body.
        package var body: [UInt8]
        /// What Content-Length says; nil = the truth.
        package var declaredLength: Int?
        /// Without Content-Length the body ends with the connection.
        package var hidesLength = false
        /// Send only so many bytes of the body, then close.
        package var cutAfter: Int?
        /// Close after the answer.
        package var closes = false
        /// Close without any answer.
        package var hangsUp = false
        /// Seconds before the head.
        package var headDelay: Double = 0
        /// Send the body in pieces of this many bytes…
        package var pieceSize: Int?
        /// …with so many seconds between.
        package var pieceDelay: Double = 0

        /// An answer without faults.
        package init(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// Decides an answer. Called on the thread of the connection.
    package typealias Handler = @Sendable (Request) -> Response

    private final class State: Sendable {
        let handler: Handler
        let requests = Mutex<[Request]>([])
        let connections = Mutex<Set<CInt>>([])

        init(handler: @escaping Handler) { self.handler = handler }
    }

    /// The port that the system chose.
    package let port: Int
    private let listener: CInt
    private let state: State

    /// Starts to listen on 127.0.0.1.
    package init(_ handler: @escaping Handler) throws {
        let (listener, port) = try LoopbackSocket.listen()
        self.listener = listener
        self.port = port
        let state = State(handler: handler)
        self.state = state
        Thread.start(stackSize: 512 << 10) {
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { break }
                _ = state.connections.withLock { $0.insert(connection) }
                Thread.start(stackSize: 512 << 10) {
                    Self.serve(connection, state)
                    _ = state.connections.withLock { $0.remove(connection) }
                    close(connection)
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        state.connections.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    /// `127.0.0.1:port`.
    package var host: String { "127.0.0.1:\(port)" }
    /// `http://127.0.0.1:port`.
    package var url: String { "http://\(host)" }
    /// All requests so far.
    package var requests: [Request] { state.requests.withLock { $0 } }

    private static func serve(_ connection: CInt, _ state: State) {
        var buffer: [UInt8] = []
        while let request = readRequest(connection, &buffer) {
            state.requests.withLock { $0.append(request) }
            let response = state.handler(request)
            if response.hangsUp { return }
            if response.headDelay > 0 { sleep(response.headDelay) }
            guard send(response, to: connection, isHead: request.method == "HEAD"), !response.closes else { return }
        }
    }

    private static func send(_ response: Response, to connection: CInt, isHead: Bool) -> Bool {
        var head = "HTTP/1.1 \(response.status) Status\r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        if !response.hidesLength { head += "Content-Length: \(response.declaredLength ?? response.body.count)\r\n" }
        guard LoopbackSocket.write(Array("\(head)\r\n".utf8), to: connection) else { return false }
        if isHead { return true }
        let body = Array(response.body.prefix(response.cutAfter ?? .max))
        let size = response.pieceSize ?? max(1, body.count)
        var offset = 0
        while offset < body.count {
            if offset > 0 { sleep(response.pieceDelay) }
            let end = min(body.count, offset + size)
            guard LoopbackSocket.write(Array(body[offset..<end]), to: connection) else { return false }
            offset = end
        }
        // A body that is not what was declared ends with the connection.
        let isTrue = !response.hidesLength && response.cutAfter == nil
        return isTrue && response.declaredLength ?? response.body.count == response.body.count
    }

    private static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }

    private static func readRequest(_ connection: CInt, _ buffer: inout [UInt8]) -> Request? {
        let separator = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = buffer.firstRange(of: separator)?.lowerBound
            if headEnd == nil, !LoopbackSocket.read(connection, into: &buffer) { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        buffer.removeSubrange(0..<(headEnd + 4))
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (parts[0].lowercased(), String(parts[1].drop { $0 == " " }))
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        while buffer.count < length {
            guard LoopbackSocket.read(connection, into: &buffer) else { return nil }
        }
        let body = Array(buffer.prefix(length))
        buffer.removeSubrange(0..<length)
        return Request(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
    }
}
