import Glibc
import LinuxSystem
import OCIBuild
import OCIContent
import TestSupport
import Testing

/// Builds that fetch only what they read, held against the registry's own access log.
@Suite("Lazy layers")
struct LazyLayerTests {
    let registry: RegistryProcess
    /// Made the base image, and has all of it.
    let maker: Workshop
    let base: Reference
    let app: Reference
    /// The base's layers.
    let layers: [Descriptor]
    let scratch: TemporaryDirectory

    init() async throws {
        registry = try RegistryProcess()
        maker = try await Workshop(registry: Self.options(registry))
        try maker.write("f", "one\n")
        base = try Reference(parsing: "\(registry.host)/team/base:1")
        app = try Reference(parsing: "\(registry.host)/team/app:1")
        // What does not compress, so that it is more than a document.
        let image = try await maker.build(
            "FROM base\nRUN head -c 2000000 /dev/urandom > /big\nRUN echo x > /etc/x\n",
            options: BuildOptions(tags: [base]))
        try await maker.builder.push(base)
        layers = try await maker.details(image).manifest.layers
        scratch = try TemporaryDirectory()
    }

    private static func options(_ registries: RegistryProcess...) -> RegistryOptions {
        var options = RegistryOptions()
        options.plainHTTPHosts = Set(registries.map(\.host))
        // What is gone is not waited for.
        options.attempts = 1
        return options
    }

    /// A machine that has nothing yet.
    private func machine(_ name: String, also other: RegistryProcess? = nil) throws -> Builder {
        let options = other.map { Self.options(registry, $0) } ?? Self.options(registry)
        return try Builder(root: "\(scratch.path)/\(name)", registry: options, environment: [:])
    }

    /// Gives a machine the tables of contents that the maker has.
    private func giveTables(to builder: Builder) throws {
        try maker.shell("mkdir -p \(builder.root)/tables; cp \(maker.builder.root)/tables/* \(builder.root)/tables/")
    }

    /// What `build --push` does.
    @discardableResult
    private func buildAndPush(
        _ text: String, on builder: Builder, to name: Reference? = nil, log: EventLog? = nil
    ) async throws -> BuiltImage {
        let name = name ?? app
        var options = BuildOptions(tags: [name])
        options.completesImage = false
        let image = try await builder.build(.text(text), context: maker.context.string, options: options) {
            log?.add($0)
        }
        #expect(try await builder.push(name) { log?.add($0) } == image.manifest)
        return image
    }

    private func layers(of image: BuiltImage, on builder: Builder) async throws -> [Descriptor] {
        try await builder.store.manifest(of: image.manifest).layers
    }

    private func present(_ wanted: [Descriptor], on builder: Builder) async throws -> [Bool] {
        var found: [Bool] = []
        for layer in wanted { found.append(try await builder.store.contains(layer)) }
        return found
    }

    /// The layers of the base that a registry was asked for, since `past` requests.
    private func fetched(since past: Int, from registry: RegistryProcess? = nil) throws -> [Digest] {
        try (registry ?? self.registry).accesses().dropFirst(past).filter { $0.method == "GET" && $0.status == 200 }
            .compactMap { access in layers.map(\.digest).first { access.target.contains($0.description) } }
    }

    /// How many blobs were sent.
    private func sent(since past: Int, to registry: RegistryProcess? = nil) throws -> Int {
        try (registry ?? self.registry).accesses().dropFirst(past).count {
            $0.method == "PUT" && $0.target.contains("/blobs/uploads/") && $0.status == 201
        }
    }

    /// What another tool makes of the image: its files' names and contents, whole.
    private func files(_ name: Reference) throws -> String {
        try maker.shell(
            """
            rm -rf ../oracle ../oracle-tree; mkdir ../oracle-tree
            skopeo inspect --tls-verify=false docker://\(name) > /dev/null
            skopeo copy -q --src-tls-verify=false docker://\(name) dir:../oracle
            python3 - <<'END'
            import json, subprocess
            for layer in json.load(open("../oracle/manifest.json"))["layers"]:
                subprocess.check_call(["tar", "-C", "../oracle-tree", "-xf", "../oracle/" + layer["digest"][7:]])
            END
            cd ../oracle-tree; sha256sum big f etc/x
            """)
    }

    @Test("a copy on a base whose tables are known moves no layer of it; the next build neither")
    func copies() async throws {
        let machine = try machine("one")
        try giveTables(to: machine)
        var past = try registry.accesses().count
        let log = EventLog()
        let text = "FROM \(base)\nWORKDIR /etc\nCOPY f /f\nLABEL a=b\n"
        var image = try await buildAndPush(text, on: machine, log: log)
        #expect(try fetched(since: past) == [])
        // The new layer and the configuration.
        #expect(try sent(since: past) == 2)
        #expect(try registry.accesses().dropFirst(past).count { $0.target.contains("mount=") && $0.status == 201 } == 3)
        #expect(try await present(layers, on: machine) == [false, false, false])
        let notes = log.all.compactMap { if case .note(let text) = $0 { text } else { nil } }
        #expect(notes == ["pushed \(app): 2 sent, 3 mounted from team/base"])
        let mounted = log.all.compactMap { event -> String? in
            guard case .transfer(let progress) = event, case .mounted(let from) = progress.end else { return nil }
            return "\(progress.label) \(from)"
        }
        #expect(mounted.sorted() == layers.map { "\($0.digest.short) team/base" }.sorted())
        #expect(try files(app).split(separator: "\n").count == 3)

        // Another process on the same store, one file changed.
        try maker.write("f", "two\n")
        past = try registry.accesses().count
        image = try await buildAndPush(text, on: try self.machine("one"))
        #expect(try fetched(since: past) == [])
        #expect(try sent(since: past) == 2)
        #expect(
            try await present(try await layers(of: image, on: machine), on: machine) == [false, false, false, true])
        let expected = try maker.shell("printf 'two\\n' | sha256sum | cut -c1-64")
        #expect(try files(app).contains(expected.dropLast()))

        // Nothing changed: nothing is sent at all.
        past = try registry.accesses().count
        #expect(try await buildAndPush(text, on: try self.machine("one")) == image)
        #expect(try sent(since: past) == 0 && fetched(since: past) == [])
        #expect(try machine.store.verify().problems.isEmpty)
    }

    @Test("configuration alone needs not even tables")
    func configuration() async throws {
        let machine = try machine("one")
        let past = try registry.accesses().count
        try await buildAndPush("FROM \(base)\nENV A=b\nCMD [\"sh\"]\n", on: machine)
        #expect(try fetched(since: past) == [] && sent(since: past) == 1)
        #expect(!FileSystem.exists(Path("\(machine.root)/tables/\(layers[0].digest.hex)")))
    }

    @Test("a RUN on top fetches each layer once, and a build that is not pushed completes the image")
    func reading() async throws {
        let machine = try machine("one")
        try giveTables(to: machine)
        let text = "FROM \(base)\nCOPY f /f\n"
        let pushed = try await buildAndPush(text, on: machine)
        var past = try registry.accesses().count
        let tag = try Reference(parsing: "local:1")
        // The same image, which a name of the store's own makes whole.
        let whole = try await machine.build(
            .text(text), context: maker.context.string, options: BuildOptions(tags: [tag]))
        #expect(whole.manifest == pushed.manifest)
        #expect(try fetched(since: past).sorted() == layers.map(\.digest).sorted())
        #expect(try await present(layers, on: machine) == [true, true, true])
        past = try registry.accesses().count
        try await buildAndPush("FROM \(base)\nCOPY f /f\nRUN cat /f /etc/x > /both\n", on: machine)
        #expect(try fetched(since: past) == [])

        let other = try self.machine("two")
        past = try registry.accesses().count
        try await buildAndPush("FROM \(base)\nCOPY f /f\nRUN cat /f /etc/x > /both\n", on: other)
        #expect(try fetched(since: past).sorted() == layers.map(\.digest).sorted())
    }

    @Test("to another registry the bytes are passed on, and nothing is kept here")
    func elsewhere() async throws {
        let second = try RegistryProcess()
        let machine = try machine("one", also: second)
        try giveTables(to: machine)
        let name = try Reference(parsing: "\(second.host)/there/app:1")
        let past = try registry.accesses().count
        let image = try await buildAndPush("FROM \(base)\nCOPY f /f\n", on: machine, to: name)
        #expect(try fetched(since: past).sorted() == layers.map(\.digest).sorted())
        #expect(try sent(since: 0, to: second) == 5)
        #expect(try await present(layers, on: machine) == [false, false, false])
        #expect(try files(name).split(separator: "\n").count == 3)
        // Now both registries are known to have the layers.
        let origins = BlobOrigins(storeRoot: Path(machine.root))
        #expect(origins.places(of: layers[1].digest) == ["\(second.host)/there/app", "\(registry.host)/team/base"])
        #expect(try await layers(of: image, on: machine).dropLast() == layers[...])
        try maker.expectClean()
    }

    @Test("what was left elsewhere is saved, exported and read from there")
    func outputs() async throws {
        let machine = try machine("one")
        try giveTables(to: machine)
        let image = try await buildAndPush("FROM \(base)\nCOPY f /f\n", on: machine)
        let out = "\(scratch.path)/out"
        try await machine.save([app], to: out + ".tar")
        try await machine.save([app], toLayout: out + "-layout")
        for source in ["docker-archive:\(out).tar", "oci:\(out)-layout"] {
            #expect(try maker.shell("skopeo inspect --config \(source)").contains("\"PATH=/bin\""), "\(source)")
        }
        #expect(try await present(layers, on: machine) == [false, false, false])
        #expect(try await machine.inspect("\(app)").digest == image.digest)
        #expect(try await machine.images().count == 2)
        try await machine.export(image, to: BuildOutput(kind: .dir, destination: out))
        #expect(try maker.shell("cat \(out)/f \(out)/etc/x") == "one\nx\n")
    }

    @Test("where a layer is gone the error names it, who was asked, and what to do")
    func gone() async throws {
        let machine = try machine("one")
        try giveTables(to: machine)
        let image = try await buildAndPush("FROM \(base)\nCOPY f /f\n", on: machine)
        try maker.shell("rm -r \(registry.dataFolder)/docker/registry/v2/blobs/sha256/*/\(layers[1].digest.hex)")
        let out = "\(scratch.path)/out"
        let error = await #expect(throws: ContentError.self) { try await machine.save([app], to: out) }
        let text = error?.description ?? ""
        #expect(error?.code == .blobMissing)
        for part in [layers[1].digest.description, "\(registry.host)/team/app", "\(registry.host)/team/base", "pull"] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(!FileSystem.exists(Path(out)))
        let tree = await #expect(throws: ContentError.self) {
            try await machine.export(image, to: BuildOutput(kind: .dir, destination: out))
        }
        #expect(tree?.description.contains(layers[1].digest.description) == true)
        #expect(BlobOrigins(storeRoot: Path(machine.root)).places(of: layers[1].digest) == [])
        // A store that never heard where the blob may be says that.
        try maker.shell("rm -r \(machine.root)/origins")
        try await machine.tag(app, as: Reference(parsing: "\(registry.host)/nowhere:1"))
        let lost = await #expect(throws: ContentError.self) {
            try await machine.save([Reference(parsing: "\(registry.host)/nowhere:1")], to: out + ".tar")
        }
        #expect(lost?.description.contains("asked \(registry.host)/nowhere") == true)
    }

    @Test("verify does not call it damage, and prune keeps what is referenced and forgets the rest")
    func upkeep() async throws {
        let machine = try machine("one")
        try giveTables(to: machine)
        try await buildAndPush("FROM \(base)\nCOPY f /f\n", on: machine)
        let origins = BlobOrigins(storeRoot: Path(machine.root))
        let report = try machine.store.verify()
        #expect(report.problems.isEmpty)
        #expect(Set(report.absent.map(\.digest)) == Set(layers.map(\.digest)))
        _ = try await machine.prune()
        for layer in layers { #expect(!origins.places(of: layer.digest).isEmpty) }
        let past = try registry.accesses().count
        try await buildAndPush("FROM \(base)\nCOPY f /f\n", on: machine)
        #expect(try fetched(since: past) == [] && sent(since: past) == 0)
        try await machine.remove(app)
        try await machine.remove(base)
        _ = try await machine.prune(all: true)
        #expect(try DirectoryListing.entries(at: Path("\(machine.root)/origins")).isEmpty)
        #expect(try machine.store.verify().checkedBlobs == 0)
    }

    @Test("a cached step whose layer is elsewhere stays cached, and is fetched when it is read")
    func records() async throws {
        let machine = try machine("one")
        let text = "FROM \(base)\nRUN echo made > /made; head -c 1500000 /dev/urandom > /noise\n"
        let image = try await buildAndPush(text, on: machine)
        let own = try #require(try await layers(of: image, on: machine).last)
        try FileSystem.unlink(machine.store.blobPath(own.digest))
        try await machine.remove(app)
        _ = try await machine.prune()
        let log = EventLog()
        let again = try await buildAndPush(text, on: try self.machine("one"), log: log)
        #expect(again.manifest == image.manifest)
        #expect(Recording(image: again, events: log.all).done == [])
        #expect(try await !machine.store.contains(own))
        let read = try await machine.build(
            .text(text + "RUN cat /made > /seen\n"), context: nil, options: BuildOptions())
        #expect(try await machine.store.contains(own))
        #expect(try await layers(of: read, on: machine).contains { $0.digest == own.digest })
        #expect(try machine.store.verify().absent.isEmpty)
    }

    @Test("a cached step whose layer is nowhere any more is done again by the next build")
    func lostRecords() async throws {
        let machine = try machine("one")
        let text = "FROM \(base)\nRUN echo made > /made\n"
        let image = try await buildAndPush(text, on: machine)
        let own = try #require(try await layers(of: image, on: machine).last)
        try FileSystem.unlink(machine.store.blobPath(own.digest))
        try maker.shell("rm -r \(registry.dataFolder)/docker/registry/v2/blobs/sha256/*/\(own.digest.hex)")
        let more = text + "RUN cat /made > /seen\n"
        try maker.shell("rm -r \(machine.root)/snapshots")
        let error = await #expect(throws: (any Error).self) {
            try await machine.build(.text(more), context: nil, options: BuildOptions())
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("asked \(registry.host)/team/app"))
        let log = EventLog()
        let again = try await machine.build(.text(more), context: nil, options: BuildOptions()) { log.add($0) }
        #expect(Recording(image: again, events: log.all).done.count == 2)
    }

    @Test("a base in a layout folder is passed on from there")
    func layout() async throws {
        let folder = "\(scratch.path)/layout"
        try await maker.builder.save([base], toLayout: folder)
        let machine = try machine("one")
        try giveTables(to: machine)
        let name = try Reference(parsing: "\(registry.host)/from/layout:1")
        try await buildAndPush("FROM oci:\(folder)\nCOPY f /f\n", on: machine, to: name)
        #expect(try await present(layers, on: machine) == [false, false, false])
        #expect(try files(name).split(separator: "\n").count == 3)
        #expect(
            BlobOrigins(storeRoot: Path(machine.root)).places(of: layers[0].digest).last == "layout:\(folder)")
    }
}
