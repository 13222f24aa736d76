import Codecs
import FoundationEssentials
import LinuxSystem
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

@Suite("Against Debian's docker-registry")
struct RegistryRoundTripTests {
    private func reference(_ registry: RegistryProcess, _ name: String) throws -> Reference {
        try Reference(parsing: "\(registry.host)/\(name)")
    }

    private func push(_ image: SampleImage, _ reference: Reference, _ client: RegistryClient) async throws {
        let repository = try client.repository(reference)
        try await copy(image.manifest, from: image, to: repository)
        try await repository.tag(image.manifest, as: reference)
    }

    @Test("Push, resolve, read back; skopeo agrees")
    func roundTrip() async throws {
        let registry = try RegistryProcess()
        let image = try SampleImage(layerSizes: [3_000_000, 0, 7])
        let name = try reference(registry, "team/app:1")
        try await push(image, name, RegistryClient(options: .test(plain: registry.host)))

        let client = RegistryClient(options: .test(plain: registry.host))
        let repository = try client.repository(name)
        let resolved = try await repository.resolve(name)
        #expect(resolved == image.manifest)
        #expect(try await repository.manifest(of: resolved).layers == image.layers)
        for blob in image.layers + [image.config] {
            let sink = Sink()
            try await repository.stream(blob) { sink.append($0) }
            #expect(sink.bytes == image.bytes(blob.digest))
            #expect(try await repository.contains(blob))
        }
        #expect(try await repository.tags() == ["1"])
        let byDigest = try reference(registry, "team/app@\(image.manifest.digest)")
        #expect(try await repository.resolve(byDigest) == image.manifest)

        let outcome = try ChildProcess.run(
            ["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(name)"], timeoutSeconds: 60)
        #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
        #expect(outcome.output == image.bytes(image.manifest.digest))
    }

    @Test("skopeo copies all of what we pushed")
    func skopeoCopy() async throws {
        let registry = try RegistryProcess()
        let name = try reference(registry, "app:1")
        try await push(try SampleImage(), name, RegistryClient(options: .test(plain: registry.host)))
        let folder = try TemporaryDirectory()
        let outcome = try ChildProcess.run(
            ["skopeo", "copy", "--src-tls-verify=false", "docker://\(name)", "dir:\(folder.path)/copy"],
            timeoutSeconds: 60)
        #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
    }

    @Test("A missing tag: near ones are offered")
    func missingTag() async throws {
        let registry = try RegistryProcess()
        let client = RegistryClient(options: .test(plain: registry.host))
        let image = try SampleImage(layerSizes: [5])
        for tag in ["3.12", "3.12-slim", "latest"] {
            try await push(image, try reference(registry, "py:\(tag)"), client)
        }
        let wanted = try reference(registry, "py:3.21")
        let error = await registryError { _ = try await client.repository(wanted).resolve(wanted) }
        #expect(error?.code == "MANIFEST_UNKNOWN")
        #expect(error?.status == 404)
        #expect(error?.nextStep == "did you mean 3.12?")
        #expect(error?.description.contains("\(registry.host)/py:3.21") == true)
        let absent = try reference(registry, "absent:1")
        let other = await registryError { _ = try await client.repository(absent).resolve(absent) }
        #expect(other?.status == 404)
    }

    @Test("Blobs of another repository are mounted, not sent; those that are there are left")
    func mounts() async throws {
        let registry = try RegistryProcess()
        let client = RegistryClient(options: .test(plain: registry.host))
        let image = try SampleImage(layerSizes: [100_000])
        try await push(image, try reference(registry, "base:1"), client)
        let uploads = registry.dataFolder / "docker/registry/v2/repositories/app/_uploads"
        let sent = Mutex<[Digest: Int64]>([:])
        let target = try client.repository(try reference(registry, "app:1"))
        try await target.ingest(image.layers[0], from: Unreadable())
        try await copy(image.manifest, from: image, to: target) { event in
            if case .progress(let blob, let count) = event { sent.withLock { $0[blob.digest] = count } }
        }
        #expect(sent.withLock { $0[image.layers[0].digest] } == nil)
        let sessions = FileSystem.exists(uploads) ? try DirectoryListing.entries(at: uploads).count : 0
        #expect(sessions == 0)
        #expect(try await target.contains(image.layers[0]))

        // A client that knows nothing is told by hand.
        let fresh = try RegistryClient(options: .test(plain: registry.host)).repository(
            try reference(registry, "new:1"))
        fresh.noteMountSource("base", for: [image.layers[0].digest])
        try await fresh.ingest(image.layers[0], from: Unreadable())
        #expect(try await fresh.contains(image.layers[0]))
    }

    @Test("Basic authentication: right, wrong and no password")
    func basicAuthentication() async throws {
        var wanted = RegistryProcess.Options()
        wanted.account = ("user", "pass:word")
        let registry = try RegistryProcess(wanted)
        let name = try reference(registry, "app:1")
        var options = RegistryOptions.test(plain: registry.host)
        let anonymous = await registryError {
            _ = try await RegistryClient(options: options).repository(name).resolve(name)
        }
        #expect(anonymous?.code == "UNAUTHORIZED")
        #expect(anonymous?.nextStep == "run: ocibuild login \(registry.host)")

        options.credentials = FixedCredentials([registry.host: .basic(username: "user", password: "wrong")])
        let wrong = await registryError {
            try await push(try SampleImage(), name, RegistryClient(options: options))
        }
        #expect(wrong?.code == "UNAUTHORIZED")
        #expect(wrong?.description.contains("wrong") == false)

        let right = Credential.basic(username: "user", password: "pass:word")
        options.credentials = FixedCredentials([registry.host: right])
        let client = RegistryClient(options: options)
        let image = try SampleImage()
        try await push(image, name, client)
        #expect(try await client.repository(name).resolve(name) == image.manifest)

        let plain = RegistryClient(options: .test(plain: registry.host))
        try await plain.verify(right, registry: registry.host)
        let refused = await registryError {
            try await plain.verify(.basic(username: "user", password: "no"), registry: registry.host)
        }
        #expect(refused?.code == "UNAUTHORIZED")
    }

    @Test("TLS: its own CA is trusted only when given; a plain client is told what to do")
    func tls() async throws {
        var wanted = RegistryProcess.Options()
        wanted.usesTLS = true
        let registry = try RegistryProcess(wanted)
        let name = try reference(registry, "app:1")
        let image = try SampleImage(layerSizes: [9])
        let untrusted = await registryError {
            _ = try await RegistryClient(options: .test()).repository(name).resolve(name)
        }
        #expect(untrusted?.code == "TLS_UNTRUSTED")
        #expect(untrusted?.nextStep?.contains("--ca-bundle") == true)
        #expect(untrusted?.message.contains("ca-certificates.crt") == true)

        var options = RegistryOptions.test()
        options.caBundle = registry.caFile
        try await push(image, name, RegistryClient(options: options))

        let folder = try TemporaryDirectory()
        try FileSystem.makeDirectories(folder.path / Path(registry.host))
        try FileSystem.writeFile(
            folder.path / Path(registry.host) / "ca.crt", try FileSystem.readFile(Path(registry.caFile)))
        var byFolder = RegistryOptions.test()
        byFolder.certificateDirectories = [folder.path.description]
        #expect(try await RegistryClient(options: byFolder).repository(name).resolve(name) == image.manifest)

        let byVariable = RegistryOptions.test(environment: ["SSL_CERT_FILE": registry.caFile])
        #expect(try await RegistryClient(options: byVariable).repository(name).resolve(name) == image.manifest)

        var insecure = RegistryOptions.test()
        insecure.insecureHosts = [registry.host]
        #expect(try await RegistryClient(options: insecure).repository(name).resolve(name) == image.manifest)
    }

    @Test("A certificate for another name is refused")
    func wrongName() async throws {
        var wanted = RegistryProcess.Options()
        wanted.usesTLS = true
        wanted.certificateNames = "DNS:registry.example"
        let registry = try RegistryProcess(wanted)
        var options = RegistryOptions.test()
        options.caBundle = registry.caFile
        let name = try reference(registry, "app:1")
        let error = await registryError {
            _ = try await RegistryClient(options: options).repository(name).resolve(name)
        }
        #expect(error?.code == "TLS_UNTRUSTED")
        options.caBundle = "/nonexistent.pem"
        let missing = await registryError {
            _ = try await RegistryClient(options: options).repository(name).resolve(name)
        }
        #expect(missing?.code == "TLS_FILES")
        #expect(missing?.subject == "/nonexistent.pem")
    }

    @Test("A redirect from https to plain http is not followed, even to a host that may speak it")
    func downgrade() async throws {
        let image = try SampleImage(layerSizes: [9])
        let storage = try FaultRegistry { _ in .init(200, body: image.bytes(image.layers[0].digest)) }
        var wanted = RegistryProcess.Options()
        wanted.usesTLS = true
        wanted.redirect = storage.url
        let registry = try RegistryProcess(wanted)
        var options = RegistryOptions.test(plain: storage.host)
        options.caBundle = registry.caFile
        let repository = try RegistryClient(options: options).repository(try reference(registry, "app:1"))
        try await repository.ingest(image.layers[0], from: image)
        let error = await registryError { try await repository.stream(image.layers[0]) { _ in } }
        #expect(error?.code == "REFUSED_REDIRECT")
        #expect(error?.message.contains("from https to plain http") == true)
        #expect(storage.requests.isEmpty)
    }

    @Test("No plain http without being asked, even on this machine")
    func plainHTTP() async throws {
        let registry = try RegistryProcess()
        let image = try SampleImage(layerSizes: [9])
        let name = try reference(registry, "app:1")
        let refused = await registryError {
            _ = try await RegistryClient(options: .test()).repository(name).resolve(name)
        }
        #expect(refused?.code == "PLAIN_HTTP")
        #expect(refused?.nextStep?.contains("--plain-http \(registry.host)") == true)
        var insecure = RegistryOptions.test()
        insecure.insecureHosts = [registry.host]
        try await push(image, name, RegistryClient(options: insecure))
    }

    @Test("A blob that is damaged on the way in is refused by the registry, and not visible")
    func damagedUpload() async throws {
        let registry = try RegistryProcess()
        let client = RegistryClient(options: .test(plain: registry.host))
        let image = try SampleImage(layerSizes: [1000])
        let folder = try TemporaryDirectory()
        let path = folder.path / "blob"
        try FileSystem.writeFile(path, [UInt8](repeating: 7, count: 1000))
        let repository = try client.repository(try reference(registry, "app:1"))
        let error = await registryError {
            try await repository.ingest(
                image.layers[0], from: FileSource(file: BlobFile(path: path, offset: 0, size: 1000)))
        }
        #expect(error?.code == "DIGEST_INVALID")
        #expect(try await repository.contains(image.layers[0]) == false)
    }

    @Test("Removal of a manifest")
    func removal() async throws {
        let registry = try RegistryProcess()
        let client = RegistryClient(options: .test(plain: registry.host))
        let image = try SampleImage(layerSizes: [9])
        let name = try reference(registry, "app:1")
        try await push(image, name, client)
        let repository = try client.repository(name)
        try await repository.removeManifest(image.manifest.digest)
        #expect(await registryError { _ = try await repository.resolve(name) }?.status == 404)
    }
}

/// A source that must not be read.
private struct Unreadable: BlobSource {
    struct WasRead: Error {}
    func contains(_ blob: Descriptor) async throws -> Bool { true }
    func stream(_ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) async throws {
        throw WasRead()
    }
}
