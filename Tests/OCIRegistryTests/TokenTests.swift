import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Tokens")
struct TokenTests {
    /// A registry that wants the token "good", and names `realm` as the server that gives it.
    private static func registry(
        realm: @escaping @Sendable (FaultRegistry.Request) -> String, good: String = "good",
        _ answer: @escaping FaultRegistry.Handler
    ) throws -> FaultRegistry {
        try FaultRegistry { request in
            if request.path == "/token" { return answer(request) }
            guard request.header("authorization") == "Bearer \(good)" else {
                let challenge =
                    "Bearer realm=\"\(realm(request))\",service=\"reg istry\",scope=\"repository:evil:push\""
                return .init(401, headers: [("WWW-Authenticate", challenge)])
            }
            return answer(request)
        }
    }

    private static func own(_ request: FaultRegistry.Request) -> String {
        "http://\(request.header("host") ?? "")/token"
    }

    private func repository(_ registry: FaultRegistry, _ credential: Credential? = nil) throws -> Repository {
        var options = RegistryOptions.test(plain: registry.host)
        options.attempts = 2
        if let credential { options.credentials = FixedCredentials([registry.host: credential]) }
        return try RegistryClient(options: options).repository(Reference(parsing: "\(registry.host)/team/a:1"))
    }

    private static func token(_ text: String) -> FaultRegistry.Response {
        .init(200, body: Array(#"{"token":"\#(text)","expires_in":300}"#.utf8))
    }

    private let layer: Descriptor

    init() throws { layer = try SampleImage(layerSizes: [10]).layers[0] }

    @Test("Without credentials: one token, of the least scope, for all requests")
    func anonymous() async throws {
        let registry = try Self.registry(realm: Self.own) { $0.path == "/token" ? Self.token("good") : .init(200) }
        let repository = try repository(registry)
        let layer = layer
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { try await repository.contains(layer) } }
            for try await found in group { #expect(found) }
        }
        let fetches = registry.requests.filter { $0.path == "/token" }
        #expect(fetches.count == 1)
        #expect(fetches.first?.target == "/token?service=reg%20istry&scope=repository%3Ateam%2Fa%3Apull")
        #expect(fetches.first?.header("authorization") == nil)
    }

    @Test("With a password: it goes to the token server only; a push asks for pull and push")
    func password() async throws {
        let registry = try Self.registry(realm: Self.own) { request in
            switch (request.method, request.path) {
            case (_, "/token"): Self.token("good")
            case ("HEAD", _): .init(404)
            case ("POST", _): .init(202, headers: [("Location", "/v2/u")])
            default: .init(201)
            }
        }
        let image = try SampleImage(layerSizes: [10])
        let target = try repository(registry, .basic(username: "user", password: "secret"))
        try await target.ingest(layer, from: image)
        let fetches = registry.requests.filter { $0.path == "/token" }
        #expect(
            fetches.map { $0.header("authorization") ?? "" } == ["Basic dXNlcjpzZWNyZXQ=", "Basic dXNlcjpzZWNyZXQ="])
        #expect(fetches.last?.target.contains("scope=repository%3Ateam%2Fa%3Apull%2Cpush&") == true)
        let others = registry.requests.filter { $0.path != "/token" }.compactMap { $0.header("authorization") }
        #expect(others.filter { $0.hasPrefix("Basic") }.isEmpty)
        // A mount asks for reading of its source as well, and for no more.
        target.noteMountSource("base", for: [layer.digest])
        try await target.ingest(layer, from: image)
        let mount = registry.requests.last { $0.path == "/token" }
        #expect(mount?.target.contains("pull%2Cpush&scope=repository%3Abase%3Apull") == true)
    }

    @Test("A repository's own password is not sent for another")
    func passwordOfARepository() async throws {
        struct ByRepository: CredentialProvider {
            func credential(for registry: String, repository: String?) throws -> Credential? {
                .basic(username: repository ?? "", password: "p")
            }
        }
        let registry = try FaultRegistry { request in
            request.header("authorization") == nil
                ? .init(401, headers: [("WWW-Authenticate", "Basic realm=\"r\"")]) : .init(200)
        }
        var options = RegistryOptions.test(plain: registry.host)
        options.credentials = ByRepository()
        let client = RegistryClient(options: options)
        for name in ["a", "b", "a"] {
            let found = try await client.repository(Reference(parsing: "\(registry.host)/\(name)")).contains(layer)
            #expect(found)
        }
        for request in registry.requests {
            guard let sent = request.header("authorization") else { continue }
            #expect(sent == (request.path.hasPrefix("/v2/a/") ? "Basic YTpw" : "Basic Yjpw"))
        }
        // One challenge each.
        #expect(registry.requests.count == 5)
    }

    @Test("An identity token is exchanged by POST")
    func identityToken() async throws {
        let registry = try Self.registry(realm: Self.own) { request in
            guard request.path == "/token" else { return .init(200) }
            return .init(200, body: Array(#"{"access_token":"good"}"#.utf8))
        }
        #expect(try await repository(registry, .identityToken("re/fresh")).contains(layer))
        let fetch = try #require(registry.requests.first { $0.path == "/token" })
        #expect(fetch.method == "POST")
        #expect(fetch.target == "/token")
        let form = String(decoding: fetch.body, as: UTF8.self)
        #expect(form.contains("grant_type=refresh_token"))
        #expect(form.contains("refresh_token=re%2Ffresh"))
    }

    @Test("A registry token is sent as it is")
    func registryToken() async throws {
        let registry = try Self.registry(realm: Self.own) { _ in .init(200) }
        #expect(try await repository(registry, .registryToken("good")).contains(layer))
        #expect(registry.requests.filter { $0.path == "/token" }.isEmpty)
    }

    @Test("A token that is refused is replaced once, then the registry has its way")
    func refusedToken() async throws {
        let registry = try Self.registry(realm: Self.own) { _ in Self.token("bad") }
        let target = try repository(registry)
        let layer = layer
        let error = await registryError { try await target.stream(layer) { _ in } }
        #expect(error?.code == "UNAUTHORIZED")
        #expect(registry.requests.filter { $0.path == "/token" }.count == 1)
        #expect(registry.requests.count == 3)
    }

    @Test("A token that has become stale is fetched anew")
    func staleToken() async throws {
        let current = Mutex("t1")
        let registry = try FaultRegistry { request in
            let token = current.withLock { $0 }
            if request.path == "/token" { return Self.token(token) }
            return request.header("authorization") == "Bearer \(token)"
                ? .init(200) : .init(401, headers: [("WWW-Authenticate", "Bearer realm=\"\(Self.own(request))\"")])
        }
        let target = try repository(registry)
        #expect(try await target.contains(layer))
        current.withLock { $0 = "t2" }
        #expect(try await target.contains(layer))
        #expect(registry.requests.filter { $0.path == "/token" }.count == 2)
    }

    @Test("The token server refuses: what it says, and what to do")
    func refusal() async throws {
        let registry = try Self.registry(realm: Self.own) { _ in
            .init(401, body: Array(#"{"details":"incorrect username or password"}"#.utf8))
        }
        let target = try repository(registry, .basic(username: "user", password: "secret"))
        let layer = layer
        let error = await registryError { try await target.stream(layer) { _ in } }
        #expect(error?.code == "UNAUTHORIZED")
        #expect(error?.message == "the token server refused the password of user: incorrect username or password")
        #expect(error?.nextStep == "run: ocibuild login \(registry.host)")
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "Token servers that get nothing",
        arguments: [
            "http://169.254.169.254/token", "https://169.254.169.254/token", "https://0.0.0.0/token",
            "http://localhost/token", "http://auth.example/token", "file:///etc/passwd",
            "https://user:pw@auth.example/",
            "", "/token", "http://[::1]/token", "https://10.0.0.1:x/", "http://2852039166/latest",
        ])
    func realms(realm: String) async throws {
        let registry = try Self.registry(realm: { _ in realm }) { _ in .init(200) }
        let target = try repository(registry, .basic(username: "user", password: "secret"))
        let layer = layer
        let error = await registryError { try await target.stream(layer) { _ in } }
        #expect(error?.code == "REFUSED_REALM")
        #expect(error?.description.contains("pw@") == false)
        #expect(registry.requests.count == 1)
    }

    @Test("A token server that sends us elsewhere is not followed")
    func redirectingTokenServer() async throws {
        let thief = try FaultRegistry { _ in Self.token("good") }
        let registry = try Self.registry(realm: Self.own) { _ in
            .init(307, headers: [("Location", "\(thief.url)/token")])
        }
        let target = try repository(registry, .basic(username: "user", password: "secret"))
        let layer = layer
        #expect(await registryError { try await target.stream(layer) { _ in } }?.code == "REFUSED_REALM")
        #expect(thief.requests.isEmpty)
    }

    @Test("Answers without a usable token", arguments: ["{}", "", "[]", #"{"token":"a\r\nX: y"}"#, #"{"token":""}"#])
    func noToken(body: String) async throws {
        let registry = try Self.registry(realm: Self.own) { _ in .init(200, body: Array(body.utf8)) }
        let target = try repository(registry)
        let layer = layer
        #expect(await registryError { try await target.stream(layer) { _ in } }?.code == "BAD_ANSWER")
    }
}
