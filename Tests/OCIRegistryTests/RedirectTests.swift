import OCIRegistry
import OCISpec
import TestSupport
import Testing

/// Credentials stay with the origin that they were given for, whatever a registry answers.
@Suite("Redirects")
struct RedirectTests {
    private static let secret = "Basic dXNlcjpzZWNyZXQ="

    private static func isAuthorized(_ request: FaultRegistry.Request) -> Bool {
        request.header("authorization") != nil
    }

    /// A registry that wants Basic credentials, and answers authorised requests with `answer`.
    private static func registry(_ answer: @escaping FaultRegistry.Handler) throws -> FaultRegistry {
        try FaultRegistry { request in
            guard request.header("authorization") == secret else {
                return .init(401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")])
            }
            return answer(request)
        }
    }

    private func repository(_ registry: FaultRegistry, _ others: FaultRegistry...) throws -> Repository {
        var options = RegistryOptions.test()
        options.plainHTTPHosts = Set([registry.host] + others.map(\.host))
        options.credentials = FixedCredentials([registry.host: .basic(username: "user", password: "secret")])
        options.attempts = 2
        return try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/a:1"))
    }

    private func stream(_ blob: Descriptor, _ repository: Repository) async throws -> [UInt8] {
        let sink = Sink()
        try await repository.stream(blob) { sink.append($0) }
        return sink.bytes
    }

    @Test(
        "A redirect to another port or host carries no credentials",
        arguments: [301, 302, 303, 307, 308], ["127.0.0.1", "localhost"])
    func otherOrigin(status: Int, host: String) async throws {
        let image = try SampleImage(layerSizes: [1000])
        let layer = image.layers[0]
        let storage = try FaultRegistry { _ in .init(200, body: image.bytes(layer.digest)) }
        let target = "http://\(host):\(storage.port)/storage?signature=1"
        let registry = try Self.registry { _ in .init(status, headers: [("Location", target)]) }
        #expect(try await stream(layer, repository(registry)) == image.bytes(layer.digest))
        #expect(storage.requests.count == 1)
        #expect(storage.requests.first?.target == "/storage?signature=1")
        #expect(!storage.requests.contains(where: Self.isAuthorized))
        #expect(registry.requests.filter(Self.isAuthorized).count == 1)
    }

    @Test("A redirect within the origin keeps them", arguments: [301, 302, 303, 307, 308])
    func sameOrigin(status: Int) async throws {
        let image = try SampleImage(layerSizes: [1000])
        let layer = image.layers[0]
        let registry = try Self.registry { request in
            request.path == "/moved"
                ? .init(200, body: image.bytes(layer.digest)) : .init(status, headers: [("Location", "/moved")])
        }
        #expect(try await stream(layer, repository(registry)) == image.bytes(layer.digest))
        #expect(registry.requests.last.map(Self.isAuthorized) == true)
    }

    @Test("There and back again: the way back is without credentials, and a challenge on it is not answered")
    func thereAndBack() async throws {
        let image = try SampleImage(layerSizes: [10])
        // The other server must send back to the first, whose port is known only later: it takes it from the query.
        let other = try FaultRegistry { request in
            let port = request.target.split(separator: "=").last ?? ""
            return .init(302, headers: [("Location", "http://127.0.0.1:\(port)/back")])
        }
        let registry = try Self.registry { request in
            let port = request.header("host")?.split(separator: ":").last ?? ""
            return .init(302, headers: [("Location", "http://127.0.0.1:\(other.port)/?port=\(port)")])
        }
        let error = await registryError { _ = try await stream(image.layers[0], repository(registry)) }
        #expect(error?.status == 401)
        let back = registry.requests.filter { $0.path == "/back" }
        #expect(back.count == 1)
        #expect(!back.contains(where: Self.isAuthorized))
        #expect(!other.requests.contains(where: Self.isAuthorized))
    }

    @Test(
        "Where a redirect may not lead",
        arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/", "http://169.254.169.254/latest", "http://0.0.0.0/",
            "http://user:pw@127.0.0.1/", "http://[::ffff:169.254.169.254]/", "gopher://x/",
        ])
    func refused(target: String) async throws {
        let image = try SampleImage(layerSizes: [10])
        let registry = try Self.registry { _ in .init(307, headers: [("Location", target)]) }
        let error = await registryError { _ = try await stream(image.layers[0], repository(registry)) }
        #expect(error?.code == "REFUSED_REDIRECT")
        #expect(error?.description.contains("pw@") == false)
    }

    @Test("At most five hops")
    func loop() async throws {
        let image = try SampleImage(layerSizes: [10])
        let registry = try Self.registry { _ in .init(302, headers: [("Location", "/again")]) }
        let error = await registryError { _ = try await stream(image.layers[0], repository(registry)) }
        #expect(error?.code == "REDIRECT_LOOP")
        #expect(registry.requests.filter(Self.isAuthorized).count == 6)
    }

    @Test("A redirect to https takes no credentials along")
    func toTLS() async throws {
        let image = try SampleImage(layerSizes: [10])
        var wanted = RegistryProcess.Options()
        wanted.usesTLS = true
        let secure = try RegistryProcess(wanted)
        let registry = try Self.registry { _ in .init(307, headers: [("Location", "https://\(secure.host)/x")]) }
        var options = RegistryOptions.test(plain: registry.host)
        options.caBundle = secure.caFile
        options.credentials = FixedCredentials([registry.host: .basic(username: "user", password: "secret")])
        let repository = try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/a:1"))
        let error = await registryError { _ = try await stream(image.layers[0], repository) }
        #expect(error?.status == 404)
    }
}
