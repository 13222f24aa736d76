import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Uploads")
struct UploadTests {
    private let image: SampleImage
    private var layer: Descriptor { image.layers[0] }

    init() throws { image = try SampleImage(layerSizes: [200_000]) }

    private func repository(_ registry: FaultRegistry, credential: Credential? = nil) throws -> Repository {
        var options = RegistryOptions.test(plain: registry.host)
        if let credential { options.credentials = FixedCredentials([registry.host: credential]) }
        return try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/a:1"))
    }

    @Test("One piece, with the query of the location kept")
    func monolithic() async throws {
        let registry = try FaultRegistry { request in
            switch request.method {
            case "HEAD": .init(404)
            case "POST": .init(202, headers: [("Location", "/v2/a/blobs/uploads/1?state=x%2Fy")])
            default: .init(201)
            }
        }
        let counts = Mutex<[Int64]>([])
        try await repository(registry).ingest(layer, from: image) { count in counts.withLock { $0.append(count) } }
        let put = try #require(registry.requests.last)
        #expect(registry.requests.map(\.method) == ["HEAD", "POST", "PUT"])
        let digest = layer.digest.description.replacing(":", with: "%3A")
        #expect(put.target == "/v2/a/blobs/uploads/1?state=x%2Fy&digest=\(digest)")
        #expect(put.body == image.bytes(layer.digest))
        #expect(put.header("content-length") == "200000")
        #expect(put.header("transfer-encoding") == nil)
        #expect(counts.withLock { $0.last } == 200_000)
    }

    @Test("Nothing is sent that is there")
    func present() async throws {
        let registry = try FaultRegistry { _ in .init(200) }
        try await repository(registry).ingest(layer, from: image)
        #expect(registry.requests.map(\.method) == ["HEAD"])
    }

    @Test("A location elsewhere gets the blob but no credentials")
    func foreignLocation() async throws {
        let storage = try FaultRegistry { _ in .init(201) }
        let registry = try FaultRegistry { request in
            guard request.header("authorization") != nil else {
                return .init(401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")])
            }
            return request.method == "HEAD"
                ? .init(404) : .init(202, headers: [("Location", "http://127.0.0.1:\(storage.port)/u")])
        }
        let target = try repository(registry, credential: .basic(username: "u", password: "p"))
        try await target.ingest(layer, from: image)
        #expect(storage.requests.map(\.method) == ["PUT"])
        #expect(storage.requests.first?.header("authorization") == nil)
        #expect(storage.requests.first?.body == image.bytes(layer.digest))
    }

    @Test(
        "Locations that are refused",
        arguments: ["http://169.254.169.254/u", "file:///tmp/u", "http://u:p@127.0.0.1/u", ""])
    func badLocation(location: String) async throws {
        let registry = try FaultRegistry { request in
            request.method == "HEAD"
                ? .init(404) : .init(202, headers: location.isEmpty ? [] : [("Location", location)])
        }
        let error = await registryError { try await repository(registry).ingest(layer, from: image) }
        #expect(error?.code == "REFUSED_LOCATION")
    }

    @Test("A mount that is not done becomes an upload to the session it opened; one that is refused is left")
    func mountFallback() async throws {
        for status in [202, 401, 403, 404, 405, 500] {
            let registry = try FaultRegistry { request in
                switch request.method {
                case "HEAD": return .init(404)
                case "POST" where request.target.contains("mount="):
                    return .init(status, headers: status == 202 ? [("Location", "/session/mount")] : [])
                case "POST": return .init(202, headers: [("Location", "/session/own")])
                default: return .init(201)
                }
            }
            let target = try repository(registry)
            target.noteMountSource("base", for: [layer.digest])
            try await target.ingest(layer, from: image)
            #expect(registry.requests.last?.path == (status == 202 ? "/session/mount" : "/session/own"), "\(status)")
            #expect(registry.requests.last?.body == image.bytes(layer.digest))
        }
    }

    @Test("Failures that pass: a whole new try each time", arguments: [500, 502, 503, 429, 404])
    func restarted(status: Int) async throws {
        let puts = Mutex(0)
        let registry = try FaultRegistry { request in
            switch request.method {
            case "HEAD": return .init(404)
            case "POST": return .init(202, headers: [("Location", "/session")])
            default:
                return .init(
                    puts.withLock {
                        $0 += 1; return $0
                    } < 3 ? status : 201)
            }
        }
        try await repository(registry).ingest(layer, from: image)
        #expect(registry.requests.filter { $0.method == "POST" }.count == 3)
        #expect(registry.requests.last?.body == image.bytes(layer.digest))
    }

    @Test("Too large in one piece: in chunks, going on where the registry says")
    func chunked() async throws {
        let received = Mutex<[UInt8]>([])
        let registry = try FaultRegistry { request in
            switch request.method {
            case "HEAD": return .init(404)
            case "POST": return .init(202, headers: [("Location", "/session")])
            case "PATCH":
                // Keeps half of the first chunk only.
                let count = received.withLock { content -> Int in
                    content += content.isEmpty ? Array(request.body.prefix(100_000)) : request.body
                    return content.count
                }
                return .init(202, headers: [("Location", "/session"), ("Range", "0-\(count - 1)")])
            default:
                return request.body.isEmpty ? .init(201) : .init(413)
            }
        }
        try await repository(registry).ingest(layer, from: image)
        #expect(received.withLock { $0 } == image.bytes(layer.digest))
        let ranges = registry.requests.filter { $0.method == "PATCH" }.map { $0.header("content-range") }
        #expect(ranges == ["0-199999", "100000-199999"])
    }

    @Test("A registry that never gets on is given up")
    func standstill() async throws {
        let registry = try FaultRegistry { request in
            switch request.method {
            case "HEAD": .init(404)
            case "POST": .init(202, headers: [("Location", "/session")])
            case "PATCH": .init(202, headers: [("Location", "/session"), ("Range", "0-0")])
            default: .init(413)
            }
        }
        let error = await registryError { try await repository(registry).ingest(layer, from: image) }
        #expect(error?.code == "BLOB_UPLOAD_INVALID")
    }

    @Test("A manifest is sent as it is, and a registry that names it otherwise is not believed")
    func manifest() async throws {
        let registry = try FaultRegistry { request in
            request.method == "PUT" && request.path.hasSuffix("/wrong")
                ? .init(201, headers: [("Docker-Content-Digest", "sha256:\(String(repeating: "0", count: 64))")])
                : .init(201)
        }
        let target = try repository(registry)
        try await target.ingest(image.manifest, from: image)
        try await target.tag(image.manifest, as: Reference(parsing: "\(registry.host)/a:1"))
        #expect(registry.requests.map(\.path) == ["/v2/a/manifests/\(image.manifest.digest)", "/v2/a/manifests/1"])
        #expect(registry.requests.allSatisfy { $0.body == image.bytes(image.manifest.digest) })
        #expect(registry.requests.allSatisfy { $0.header("content-type") == image.manifest.mediaType.rawValue })
        let error = await registryError {
            try await target.tag(image.manifest, as: Reference(parsing: "\(registry.host)/a:wrong"))
        }
        #expect(error?.code == "DIGEST_MISMATCH")
    }
}
