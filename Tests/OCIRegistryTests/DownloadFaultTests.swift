import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Downloads from a registry that misbehaves")
struct DownloadFaultTests {
    private let image: SampleImage
    private var layer: Descriptor { image.layers[0] }
    private var content: [UInt8] { image.bytes(layer.digest) }

    init() throws { image = try SampleImage(layerSizes: [400_000]) }

    private func repository(
        _ registry: FaultRegistry, _ change: (inout RegistryOptions) -> Void = { _ in }
    ) throws -> Repository {
        var options = RegistryOptions.test(plain: registry.host)
        options.attempts = 3
        change(&options)
        return try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/a:1"))
    }

    /// Streams the layer; the error if it failed, and what was handed on.
    private func download(_ repository: Repository) async throws -> (error: RegistryError?, bytes: [UInt8]) {
        let sink = Sink()
        let error = await registryError { try await repository.stream(layer) { sink.append($0) } }
        return (error, sink.bytes)
    }

    @Test("A flipped bit")
    func flippedBit() async throws {
        var damaged = content
        damaged[1234] ^= 1
        let registry = try FaultRegistry { [damaged] _ in .init(200, body: damaged) }
        let (error, _) = try await download(repository(registry))
        #expect(error?.code == "DIGEST_MISMATCH")
        #expect(error?.subject.hasSuffix("\(layer.digest)") == true)
        #expect(registry.requests.count == 1)
    }

    @Test("Another length, said or hidden", arguments: [-1, 1, 100_000], [false, true])
    func wrongLength(difference: Int, hidden: Bool) async throws {
        let body =
            difference < 0 ? Array(content.dropLast(-difference)) : content + [UInt8](repeating: 0, count: difference)
        let registry = try FaultRegistry { request in
            if request.header("range") != nil { return .init(416) }
            var response = FaultRegistry.Response(200, body: body)
            response.hidesLength = hidden
            return response
        }
        let (error, bytes) = try await download(repository(registry))
        #expect(error?.code == "SIZE_MISMATCH")
        #expect(bytes.count <= content.count)
    }

    @Test("Content-Length says less than comes, or more")
    func lyingLength() async throws {
        let short = try FaultRegistry { [content] _ in
            var response = FaultRegistry.Response(200, body: content)
            response.declaredLength = content.count - 10
            return response
        }
        #expect(try await download(repository(short)).error?.code == "SIZE_MISMATCH")
        let long = try FaultRegistry { [content] _ in
            var response = FaultRegistry.Response(200, body: content)
            response.declaredLength = content.count + 10
            return response
        }
        #expect(try await download(repository(long)).error?.code == "SIZE_MISMATCH")
    }

    @Test("A broken connection is taken up where it broke")
    func resumed() async throws {
        let registry = try FaultRegistry { [content] request in
            guard let range = request.header("range") else {
                var response = FaultRegistry.Response(200, body: content)
                response.cutAfter = 150_000
                return response
            }
            let start = Int(range.dropFirst(6).dropLast()) ?? 0
            return .init(
                206, headers: [("Content-Range", "bytes \(start)-\(content.count - 1)/\(content.count)")],
                body: Array(content[start...]))
        }
        let (error, bytes) = try await download(repository(registry))
        #expect(error == nil)
        #expect(bytes == content)
        #expect(registry.requests.map { $0.header("range") } == [nil, "bytes=150000-"])
    }

    @Test("The whole instead of the rest is understood")
    func rangeIgnored() async throws {
        let first = Mutex(true)
        let registry = try FaultRegistry { [content] _ in
            var response = FaultRegistry.Response(200, body: content)
            if first.withLock({
                let was = $0; $0 = false; return was
            }) {
                response.cutAfter = 150_000
            }
            return response
        }
        let (error, bytes) = try await download(repository(registry))
        #expect(error == nil)
        #expect(bytes == content)
    }

    @Test(
        "Another part than the one asked for is refused",
        arguments: [
            "bytes 0-399999/400000", "bytes 150001-399999/400000", "bytes 150000-399999/400001", "nonsense", "",
        ])
    func wrongRange(field: String) async throws {
        let registry = try FaultRegistry { [content] request in
            guard request.header("range") != nil else {
                var response = FaultRegistry.Response(200, body: content)
                response.cutAfter = 150_000
                return response
            }
            return .init(
                206, headers: field.isEmpty ? [] : [("Content-Range", field)], body: Array(content[150_000...]))
        }
        let (error, bytes) = try await download(repository(registry))
        #expect(error?.code == "BAD_RANGE")
        #expect(bytes.count == 150_000)
    }

    @Test("The rest of something else is found out")
    func changedBetween() async throws {
        let registry = try FaultRegistry { [content] request in
            guard request.header("range") != nil else {
                var response = FaultRegistry.Response(200, body: content)
                response.cutAfter = 150_000
                return response
            }
            return .init(
                206, headers: [("Content-Range", "bytes 150000-399999/400000")],
                body: [UInt8](repeating: 1, count: 250_000))
        }
        #expect(try await download(repository(registry)).error?.code == "DIGEST_MISMATCH")
    }

    @Test("A connection that breaks for ever is given up")
    func alwaysCut() async throws {
        let registry = try FaultRegistry { _ in
            var response = FaultRegistry.Response(200)
            response.hangsUp = true
            return response
        }
        let (error, _) = try await download(repository(registry))
        #expect(error?.code == "CONNECTION_LOST")
        #expect(error?.message.hasSuffix("3 times") == true)
    }

    @Test("Too many requests, then not: Retry-After is heeded within limits")
    func tooManyRequests() async throws {
        let calls = Mutex(0)
        let registry = try FaultRegistry { [content] _ in
            calls.withLock {
                $0 += 1; return $0
            } < 3
                ? .init(429, headers: [("Retry-After", "3600")]) : .init(200, body: content)
        }
        let (error, bytes) = try await download(repository(registry))
        #expect(error == nil)
        #expect(bytes == content)
    }

    @Test("A registry that only fails: so many tries and no more", arguments: [500, 502, 503, 504, 429])
    func alwaysFailing(status: Int) async throws {
        let registry = try FaultRegistry { _ in .init(status, body: Array("<html>\u{1b}[31m".utf8)) }
        let (error, _) = try await download(repository(registry))
        #expect(error?.status == status)
        #expect(error?.nextStep != nil)
        #expect(registry.requests.count == 3)
    }

    @Test("The registry's own words, made fit for a terminal")
    func words() async throws {
        let registry = try FaultRegistry { _ in
            .init(403, body: Array(#"{"errors":[{"code":"DENIED","message":"no \u001b[31mentry"}]}"#.utf8))
        }
        let (error, _) = try await download(repository(registry))
        #expect(error?.code == "DENIED")
        #expect(error?.description.contains("no \\u{1b}[31mentry") == true)
        #expect(error?.nextStep?.contains("ocibuild login \(registry.host)") == true)
    }

    @Test("An encoded body is refused, blob and manifest")
    func encoded() async throws {
        let registry = try FaultRegistry { [content] _ in
            .init(200, headers: [("Content-Encoding", "gzip")], body: content)
        }
        #expect(try await download(repository(registry)).error?.code == "CONTENT_ENCODING")
        #expect(registry.requests.first?.header("accept-encoding") == "identity")
        let target = try repository(registry)
        let manifest = image.manifest
        #expect(await registryError { _ = try await target.bytes(of: manifest) }?.code == "CONTENT_ENCODING")
    }

    @Test("A body that trickles, and a head that does not come, end in time")
    func slow() async throws {
        let trickle = try FaultRegistry { [content] _ in
            var response = FaultRegistry.Response(200, body: content)
            response.pieceSize = 1
            response.pieceDelay = 0.05
            return response
        }
        let short: (inout RegistryOptions) -> Void = {
            $0.timeouts.stallWindow = 1
            $0.timeouts.response = 1
            $0.attempts = 1
        }
        #expect(try await download(repository(trickle, short)).error?.code == "TIMEOUT")
        let silent = try FaultRegistry { _ in
            var response = FaultRegistry.Response(200)
            response.headDelay = 4
            return response
        }
        #expect(try await download(repository(silent, short)).error?.code == "TIMEOUT")
    }

    @Test("A slow consumer is not the registry's fault")
    func slowConsumer() async throws {
        let registry = try FaultRegistry { [content] _ in .init(200, body: content) }
        let repository = try repository(registry) {
            $0.timeouts.stallWindow = 0.3
            $0.timeouts.stallRate = 1_000_000
            $0.attempts = 1
        }
        let sink = Sink()
        try await repository.stream(layer) { bytes in
            sink.append(bytes)
            pause(milliseconds: 200)
        }
        #expect(sink.bytes == content)
    }

    @Test("More header fields than anybody needs")
    func manyHeaders() async throws {
        let registry = try FaultRegistry { [content] _ in
            .init(200, headers: (0..<2000).map { ("X-\($0)", "y") }, body: content)
        }
        #expect(try await download(repository(registry) { $0.attempts = 1 }).error?.code == "BAD_ANSWER")
    }

    @Test("What the consumer throws comes back as it is")
    func consumerFailure() async throws {
        struct Full: Error {}
        let registry = try FaultRegistry { [content] _ in .init(200, body: content) }
        let repository = try repository(registry)
        await #expect(throws: Full.self) { try await repository.stream(layer) { _ in throw Full() } }
        #expect(registry.requests.count == 1)
    }

    @Test("A cancelled task stops its transfer", .timeLimit(.minutes(8)))
    func cancelled() async throws {
        let registry = try FaultRegistry { _ in
            var response = FaultRegistry.Response(200)
            // Longer than the test may take.
            response.headDelay = 3600
            return response
        }
        let repository = try repository(registry)
        let layer = layer
        let task = Task { try await repository.stream(layer) { _ in } }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Nothing listens, and no such host")
    func unreachable() async throws {
        let port = try LoopbackSocket.freePort()
        let name = try Reference(parsing: "127.0.0.1:\(port)/a:1")
        let refused = await registryError {
            _ = try await RegistryClient(options: .test()).repository(name).resolve(name)
        }
        #expect(refused?.code == "CONNECTION_REFUSED")
        #expect(refused?.description.contains("port \(port)") == true)
        let unknown = try Reference(parsing: "registry.invalid/a:1")
        let dns = await registryError {
            _ = try await RegistryClient(options: .test()).repository(unknown).resolve(unknown)
        }
        #expect(dns?.code == "DNS")
    }
}
