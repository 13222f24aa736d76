import Catalogue
import Codecs
import LinuxSystem
import OCIContent
import OCISpec
import Testing

@Suite("What may lie in a catalogue's repository")
struct HostileCatalogueTests {
    private let registry = SimulatedRegistry()
    private let user: CatalogueUser

    init() throws { user = try Bench.user() }

    private static func event(
        slot: Int, previous: Digest?, _ action: CatalogueEvent.Action, user: CatalogueUser
    ) -> CatalogueEvent {
        CatalogueEvent(
            nonce: RandomName.make(16), slot: slot, previous: previous, time: Instant.now(), user: user, action: action)
    }

    /// Puts JSON, or anything, at a place of the log, as anybody may who may push.
    @discardableResult
    private func put(
        _ bytes: [UInt8], slot: Int, artifactType: String = CatalogueLog.artifactType, layers: Int = 1,
        layerType: String = CatalogueLog.artifactType
    ) async throws -> Descriptor {
        let memory = MemoryStore()
        let layer = memory.put(bytes, mediaType: MediaType(rawValue: layerType))
        let config = memory.put(Array("{}".utf8), mediaType: .ociEmpty)
        let manifest = memory.put(
            try CanonicalJSON.encode(
                ImageManifest(
                    artifactType: artifactType, config: config, layers: Array(repeating: layer, count: layers))),
            mediaType: .ociManifest)
        try await copy(manifest, from: memory, to: registry.client())
        registry.set(CatalogueTag.event(slot: slot).text, manifest)
        return manifest
    }

    private func creation(_ name: String) -> CatalogueEvent.Action {
        .create(
            .init(
                id: .make(), name: name, repository: RandomName.make(20), originalTag: "x", description: "", readme: ""
            ))
    }

    @Test("What is no event is void, and said to be; what follows counts")
    func noEvents() async throws {
        let good = try Self.event(slot: 1, previous: nil, creation("good"), user: user).encoded()
        let text = String(decoding: good, as: UTF8.self)
        let cases: [(String, String)] = [
            ("empty", ""), ("no JSON", "{"), ("a list", "[]"), ("no version", "{}"),
            ("version 0", text.replacing("\"version\":1", with: "\"version\":0")),
            ("a key twice", text.replacing("\"version\":1", with: "\"version\":1,\"Version\":1")),
            ("no such action", text.replacing("\"create\"", with: "\"burn\"")),
            ("a bad name", text.replacing("\"good\"", with: "\"../good\"")),
            ("an escape in the name", text.replacing("\"good\"", with: "\"g\\u001b[2J\"")),
            ("a bad id", text.replacing("\"im_", with: "\"bp_")),
            ("a bad user", text.replacing("\"name\":\"examples\"", with: "\"name\":\"../..\"")),
            ("a bad time", text.replacing("Z\"", with: "z\"")),
            ("a bad repository", text.replacing("\"repository\":\"", with: "\"repository\":\"../")),
            (
                "a predecessor too many",
                text.replacing("\"slot\":1", with: "\"slot\":1,\"previous\":\"\(Bench.content.digest)\"")
            ),
            ("another place", text.replacing("\"slot\":1", with: "\"slot\":0")),
        ]
        for (what, json) in cases {
            try await put(Array(json.utf8), slot: 1)
            let state = try await Bench.catalogue(registry).state()
            #expect(state.images.isEmpty && state.problems.count == 1, "\(what): \(state.problems)")
            #expect(state.problems.first?.hasPrefix("event 1 is void: ") == true)
        }
        try await put(good, slot: 1, artifactType: "application/x")
        #expect(try await Bench.catalogue(registry).state().problems.count == 1)
        try await put(good, slot: 1, layers: 2)
        #expect(try await Bench.catalogue(registry).state().problems.count == 1)
        try await put(good, slot: 1, layerType: "text/plain")
        #expect(try await Bench.catalogue(registry).state().problems.count == 1)
        let image = try await Bench.catalogue(registry).create(name: "next", originalTag: "x", by: user)
        #expect(try await Bench.catalogue(registry).state().names == ["next": image.id])
        try await put(good, slot: 1)
        #expect(try await Bench.catalogue(registry).state().names.count == 2)
    }

    @Test("An event larger than events are is not read into memory")
    func large() async throws {
        try await put([UInt8](repeating: 0x20, count: CatalogueEvent.limit + 1), slot: 1)
        let state = try await Bench.catalogue(registry).state()
        #expect(state.problems.count == 1)
    }

    @Test("An event that is not valid at its place changes nothing")
    func invalid() async throws {
        let catalogue = Bench.catalogue(registry)
        let first = try await catalogue.create(name: "a", originalTag: "x", by: user)
        let previous = registry.tags["e-000000000001"]?.digest
        for action in [
            creation("a"), .rename(.make(), "b"), .delete(.make()), .commit(.make(), Bench.content),
            .create(
                .init(
                    id: first.id, name: "b", repository: RandomName.make(20), originalTag: "", description: "",
                    readme: "")),
            .create(
                .init(
                    id: .make(), name: "b", repository: first.repository, originalTag: "", description: "", readme: "")
            ),
        ] {
            try await put(Self.event(slot: 2, previous: previous, action, user: user).encoded(), slot: 2)
            let state = try await Bench.catalogue(registry).state()
            #expect(state.names == ["a": first.id] && state.problems.count == 1, "\(action)")
        }
    }

    @Test("A catalogue of a newer version is neither misread nor written to")
    func newer() async throws {
        try await put(Array(#"{"version":2,"action":"merge"}"#.utf8), slot: 1)
        let read = await catalogueError { _ = try await Bench.catalogue(registry).state() }
        #expect(read?.code == .newerVersion && read?.description.contains("update it") == true)
        let write = await catalogueError {
            _ = try await Bench.catalogue(registry).create(name: "a", originalTag: "x", by: user)
        }
        #expect(write?.code == .newerVersion)
        #expect(registry.tags.count == 1)
    }

    @Test("Tags that are not ours are ignored; a gap and an altered past are noticed")
    func tags() async throws {
        let catalogue = Bench.catalogue(registry)
        for name in ["a", "b", "c"] { _ = try await catalogue.create(name: name, originalTag: "x", by: user) }
        for tag in ["latest", "e-1", "e-000000000003-x", "sha256-abc.sig"] { registry.set(tag, Bench.content) }
        #expect(try await Bench.catalogue(registry).state().names.count == 3)

        let second = registry.tags["e-000000000002"]
        registry.set("e-000000000002", nil)
        let gap = await catalogueError { _ = try await Bench.catalogue(registry).state() }
        #expect(gap?.code == .damaged && gap?.subject.hasSuffix(":e-000000000002") == true)
        registry.set("e-000000000002", registry.tags["e-000000000003"])
        let state = try await Bench.catalogue(registry).state()
        #expect(state.problems.contains { $0.hasPrefix("event 3 was not written after event 2") }, "\(state.problems)")
        registry.set("e-000000000002", second)
        #expect(try await Bench.catalogue(registry).state().problems == [])
    }

    @Test("A log that was emptied and begun again is read anew by whoever knew the old one")
    func begunAgain() async throws {
        let catalogue = Bench.catalogue(registry)
        for name in ["a", "b"] { _ = try await catalogue.create(name: name, originalTag: "x", by: user) }
        for tag in registry.tags.keys { registry.set(tag, nil) }
        #expect(try await catalogue.state().names.isEmpty)
        for name in ["x", "y", "z"] {
            _ = try await Bench.catalogue(registry).create(name: name, originalTag: "x", by: user)
        }
        let state = try await catalogue.state()
        #expect(state.names.keys.sorted() == ["x", "y", "z"] && state.problems == [])
    }

    @Test("What this machine keeps is only a copy: lost, corrupt or of another log, it is read again")
    func cache() async throws {
        let folder = try TemporaryDirectory()
        let cache = CatalogueCache(folder: folder.path / "catalogue", repository: Bench.repository)
        func state() async throws -> CatalogueState {
            try await Bench.catalogue(registry, cache: cache).state()
        }
        for name in ["a", "b"] {
            _ = try await Bench.catalogue(registry, cache: cache).create(name: name, originalTag: "x", by: user)
        }
        #expect(try await state().names.count == 2)
        let files = try DirectoryListing.entries(at: folder.path / "catalogue").map(\.name)
        #expect(files.count == 1)
        let file = folder.path / "catalogue" / files[0]
        let good = try FileSystem.readFile(file)
        #expect(cache.load().count == 2)
        for bytes in [[], Array(good.dropLast()), Array("{}".utf8), [UInt8](repeating: 0xFF, count: 9)] {
            try FileSystem.writeFile(file, bytes)
            #expect(try await state().names.count == 2)
            #expect(try FileSystem.readFile(file) == good, "written anew")
        }
        // The registry was emptied, and others began again.
        for tag in registry.tags.keys { registry.set(tag, nil) }
        #expect(try await state().names.isEmpty)
        for name in ["x", "y", "z"] {
            _ = try await Bench.catalogue(registry).create(name: name, originalTag: "x", by: user)
        }
        #expect(try await state().names.keys.sorted() == ["x", "y", "z"])
    }
}
