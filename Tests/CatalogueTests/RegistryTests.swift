import Catalogue
import LinuxSystem
import OCIBuild
import OCIContent
import OCIRegistry
import OCISpec
import Synchronization
import TestSupport
import Testing

/// A repository of a real registry, as the facade binds it, for a machine that may lose its power.
private struct RealStore: TagStore {
    struct Died: Error {}

    let repository: CatalogueRepository
    /// After so many tags the machine is gone.
    var life = Int.max
    private let count = Counter()

    init(repository: Repository, life: Int) {
        self.repository = CatalogueRepository(repository: repository)
        self.life = life
    }

    func tags() async throws -> [String] { try await repository.tags() }
    func find(_ reference: Reference) async throws -> Descriptor? { try await repository.find(reference) }
    func resolve(_ reference: Reference) async throws -> Descriptor { try await repository.resolve(reference) }
    func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try await repository.tag(manifest, as: reference)
        if count.next() == life { throw Died() }
    }
    func contains(_ blob: Descriptor) async throws -> Bool { try await repository.contains(blob) }
    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws { try await repository.stream(blob, body) }
    func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws { try await repository.ingest(blob, from: source, progress: progress) }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

@Suite("A catalogue in Debian's docker-registry")
struct RegistryTests {
    private static func catalogue(_ host: String, life: Int = .max) throws -> WorkspaceCatalogue {
        var options = RegistryOptions()
        options.plainHTTPHosts = [host]
        options.environment = [:]
        options.certificateDirectories = []
        let place = Reference(domain: host, repository: "images/examples/catalogue")
        // A client of its own: another machine.
        let repository = try RegistryClient(options: options).repository(place)
        var pace = WriterPace()
        pace.deadline = Bench.unlimited
        return WorkspaceCatalogue(
            log: CatalogueLog(place, in: RealStore(repository: repository, life: life), pace: pace))
    }

    @Test("Many machines create at once: all names are there, each with one owner; skopeo reads the log")
    func together() async throws {
        let registry = try RegistryProcess()
        let host = registry.host
        let user = try Bench.user()
        let made = await withTaskGroup(of: (name: String, id: ImageID?).self) { group in
            for number in 0..<12 {
                let name = "image-\(number % 6)"
                group.addTask {
                    do {
                        return (name, try await Self.catalogue(host).create(name: name, originalTag: "x", by: user).id)
                    } catch {
                        #expect((error as? CatalogueError)?.code == .nameTaken, "\(error)")
                        return (name, nil)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let state = try await Self.catalogue(host).state()
        #expect(state.problems == [] && state.names.count == 6)
        for (name, id) in state.names {
            #expect(made.filter { $0.name == name }.compactMap(\.id) == [id], "\(name)")
        }
        let outcome = try ChildProcess.run(
            [
                "skopeo", "inspect", "--raw", "--tls-verify=false",
                "docker://\(host)/images/examples/catalogue:e-000000000006",
            ], timeoutSeconds: 60)
        #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
        #expect(String(decoding: outcome.output, as: UTF8.self).contains(CatalogueLog.artifactType))
    }

    @Test("A machine that died while it wrote holds nobody up; what it had proposed is finished by the next")
    func crashes() async throws {
        let registry = try RegistryProcess()
        let user = try Bench.user()
        for life in 1...2 {
            await #expect(throws: RealStore.Died.self) {
                _ = try await Self.catalogue(registry.host, life: life)
                    .create(name: "left-\(life)", originalTag: "x", by: user)
            }
            _ = try await Self.catalogue(registry.host).create(name: "next-\(life)", originalTag: "x", by: user)
        }
        let state = try await Self.catalogue(registry.host).state()
        #expect(state.problems == [])
        #expect(state.names.keys.sorted() == ["left-2", "next-1", "next-2"])
    }
}
