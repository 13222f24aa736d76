import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Manifests from a registry")
struct ManifestTests {
    private let image: SampleImage
    private var bytes: [UInt8] { image.bytes(image.manifest.digest) }

    init() throws { image = try SampleImage(layerSizes: [10]) }

    private func repository(_ registry: FaultRegistry) throws -> (Repository, Reference) {
        let name = try Reference(parsing: "\(registry.host)/a:1")
        return (try RegistryClient(options: .test(plain: registry.host)).repository(name), name)
    }

    private func resolve(_ registry: FaultRegistry) async throws -> Result<Descriptor, RegistryError> {
        let (repository, name) = try repository(registry)
        do {
            return .success(try await repository.resolve(name))
        } catch let error as RegistryError {
            return .failure(error)
        }
    }

    @Test("HEAD alone suffices where it says all")
    func head() async throws {
        let registry = try FaultRegistry { [image, bytes] _ in
            .init(
                200,
                headers: [
                    ("Content-Type", "\(image.manifest.mediaType); charset=utf-8"),
                    ("Docker-Content-Digest", "\(image.manifest.digest)"),
                ], body: bytes)
        }
        #expect(try await resolve(registry).get() == image.manifest)
        #expect(registry.requests.map(\.method) == ["HEAD"])
        #expect(registry.requests[0].header("accept")?.contains("vnd.docker.distribution.manifest.list.v2") == true)
    }

    @Test("Without HEAD, or with half an answer to it, the manifest itself is asked", arguments: [405, 404, 200])
    func fallback(status: Int) async throws {
        let registry = try FaultRegistry { [bytes] request in
            request.method == "HEAD"
                ? .init(status) : .init(200, headers: [("Content-Type", "application/json")], body: bytes)
        }
        #expect(try await resolve(registry).get() == image.manifest)
    }

    @Test("A digest in the header that is not the manifest's", arguments: ["sha256:00", "sha256:../../x", ""])
    func invalidDigestHeader(text: String) async throws {
        let registry = try FaultRegistry { [bytes] _ in
            .init(200, headers: [("Docker-Content-Digest", text)], body: bytes)
        }
        // What is not a digest says nothing; the bytes do.
        #expect(try await resolve(registry).get() == image.manifest)
    }

    @Test("A digest in the header that is another's")
    func wrongDigestHeader() async throws {
        let registry = try FaultRegistry { [bytes] _ in
            .init(200, headers: [("Docker-Content-Digest", "sha256:\(String(repeating: "0", count: 64))")], body: bytes)
        }
        guard case .failure(let error) = try await resolve(registry) else {
            Issue.record("resolved")
            return
        }
        #expect(error.code == "DIGEST_MISMATCH")
    }

    @Test(
        "What could be read in two ways, or in none",
        arguments: [
            (#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, ""),
            (#"{"schemaVersion":2,"manifests":[],"config":{}}"#, ""),
            (#"{"schemaVersion":2}"#, ""), ("<html>", ""), ("", ""),
            (#"{"manifests":[],"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#, ""),
            (#"{"layers":[],"config":{}}"#, "application/vnd.oci.image.index.v1+json"),
            (
                #"{"layers":[],"config":{},"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#,
                "application/vnd.docker.distribution.manifest.v2+json"
            ),
            (#"{"layers":[],"layers":[],"config":{}}"#, ""), (#"{"layers":[],"Layers":[],"config":{}}"#, ""),
        ])
    func ambiguous(text: String, type: String) async throws {
        let registry = try FaultRegistry { _ in
            .init(200, headers: type.isEmpty ? [] : [("Content-Type", type)], body: Array(text.utf8))
        }
        guard case .failure(let error) = try await resolve(registry) else {
            Issue.record("resolved")
            return
        }
        #expect(error.code == "MANIFEST_INVALID")
    }

    @Test("Docker's first format is refused by name; a giant by its size")
    func refused() async throws {
        let old = try FaultRegistry { _ in .init(200, body: Array(#"{"schemaVersion":1,"fsLayers":[]}"#.utf8)) }
        guard case .failure(let first) = try await resolve(old) else {
            Issue.record("resolved")
            return
        }
        #expect(first.code == "UNSUPPORTED")
        let giant = try FaultRegistry { _ in .init(200, body: [UInt8](repeating: 0x20, count: (4 << 20) + 1)) }
        guard case .failure(let second) = try await resolve(giant) else {
            Issue.record("resolved")
            return
        }
        #expect(second.code == "TOO_LARGE")
    }

    @Test("By digest: other content, or another type than its descriptor says")
    func byDigest() async throws {
        let registry = try FaultRegistry { [bytes] _ in .init(200, body: bytes) }
        let (repository, _) = try repository(registry)
        let manifest = image.manifest
        let wrong = Descriptor(mediaType: .dockerManifest, digest: manifest.digest, size: manifest.size)
        let mistyped = await registryError { _ = try await repository.bytes(of: wrong) }
        #expect(mistyped?.code == "MANIFEST_INVALID")
        let other = try SampleImage(layerSizes: [11]).manifest
        #expect(await registryError { _ = try await repository.bytes(of: other) }?.code == "DIGEST_MISMATCH")
        #expect(try await repository.bytes(of: image.manifest) == bytes)
    }

    @Test("Tags page by page; a list that leads elsewhere or round is an error, not half a list")
    func tags() async throws {
        let pages = Mutex(["</v2/app/tags/list?last=b&n=1000>; rel=\"next\"", ""])
        let registry = try FaultRegistry { request in
            let isSecond = request.target.contains("last=b")
            let link = pages.withLock { $0[isSecond ? 1 : 0] }
            return .init(
                200, headers: link.isEmpty ? [] : [("Link", link)],
                body: Array((isSecond ? #"{"name":"a","tags":["c"]}"# : #"{"name":"a","tags":["a","b"]}"#).utf8))
        }
        let (repository, _) = try repository(registry)
        #expect(try await repository.tags() == ["a", "b", "c"])
        #expect(registry.requests.count == 2)
        #expect(registry.requests.allSatisfy { $0.header("cache-control") == "no-cache" })
        for link in ["http://elsewhere.example/v2/a/tags/list?x=1", "/v2/app/tags/list?last=b&n=1000"] {
            pages.withLock { $0[1] = "<\(link)>; rel=\"next\"" }
            #expect(await registryError { _ = try await repository.tags() }?.code == "BAD_ANSWER", "\(link)")
        }
        #expect(registry.requests.count == 6, "nobody else was asked")
    }
}
