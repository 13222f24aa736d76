import LinuxSystem
import OCIBuild
import OCIContent
import TestSupport
import Testing

@Suite("Base images")
struct BaseImageTests {
    static let text = "COPY f /f\nRUN cat /etc/passwd > /users\n"

    private func workshop(_ registry: RegistryProcess? = nil) async throws -> Workshop {
        var options = RegistryOptions()
        options.plainHTTPHosts = registry.map { [$0.host] } ?? []
        let workshop = try await Workshop(registry: options)
        try workshop.write("f", "f\n")
        return workshop
    }

    @Test("from a registry, pushed back, and pulled by a third: layers of the base are mounted, not sent")
    func registry() async throws {
        let registry = try RegistryProcess()
        let first = try await workshop(registry)
        let base = try Reference(parsing: "\(registry.host)/team/base:1")
        let app = try Reference(parsing: "\(registry.host)/team/app:1")
        try await first.builder.push(Reference(parsing: "base"), to: base)
        let second = try await workshop(registry)
        let image = try await second.build("FROM \(base)\n\(Self.text)", options: BuildOptions(tags: [app]))
        // The layer is not there to be sent: that it arrives shows that it was mounted. Another builder knows only
        // from the store where the base came from.
        let layers = try await second.details(image).manifest.layers
        try FileSystem.unlink(second.blob(layers[0]))
        let other = try Builder(root: second.builder.root, registry: second.builder.registry.options, environment: [:])
        #expect(try await other.push(app).digest == image.digest)
        let third = try await workshop(registry)
        #expect(try await third.builder.pull(app).digest == image.digest)
        #expect(try third.builder.store.verify().problems.isEmpty)
        #expect(try await third.text("users", of: image).hasPrefix("root:"))
        // A build on it fetches nothing that it has.
        #expect(try await third.record("FROM \(app)\nRUN cat /f\n").output == "f\n")
    }

    @Test("in Docker's media types, as zstd, and uncompressed", arguments: ["v2s2", "zstd", "none"])
    func encodings(kind: String) async throws {
        let registry = try RegistryProcess()
        let workshop = try await workshop(registry)
        let name = "\(registry.host)/base:\(kind)"
        if kind == "v2s2" {
            let base = try Reference(parsing: "\(registry.host)/oci")
            try await workshop.builder.push(Reference(parsing: "base"), to: base)
            try workshop.shell(
                "skopeo copy -q --src-tls-verify=false --dest-tls-verify=false --format v2s2 docker://\(base):latest docker://\(name)"
            )
        } else {
            _ = try await workshop.builder.importTree(
                "\(workshop.scratch.path)/base.tar", as: Reference(parsing: name), changes: ["ENV PATH=/bin"],
                compression: kind == "zstd" ? .zstd : .none)
            try await workshop.builder.push(Reference(parsing: name))
        }
        let other = try await self.workshop(registry)
        let image = try await other.build("FROM \(name)\n\(Self.text)")
        #expect(try await other.text("users", of: image).hasPrefix("root:"))
        let manifest = try await other.details(image).manifest
        #expect(manifest.mediaType == .ociManifest && manifest.config.mediaType == .ociConfig)
        let first: MediaType = kind == "v2s2" ? .ociLayerGzip : kind == "zstd" ? .ociLayerZstd : .ociLayer
        #expect(manifest.layers[0].mediaType == first)
    }

    @Test("from a layout folder, an archive that was loaded, and an index by platform")
    func places() async throws {
        let workshop = try await workshop()
        let image = try await workshop.build(
            "FROM base\n", options: BuildOptions(tags: [Reference(parsing: "loaded:1")]))
        let folder = "\(workshop.scratch.path)/layout"
        try await workshop.builder.export(image, to: BuildOutput(kind: .oci, destination: folder))
        try await workshop.builder.export(image, to: BuildOutput(kind: .docker, destination: folder + ".tar"))
        let other = try await self.workshop()
        let fromFolder = try await other.build("FROM oci:\(folder)\n\(Self.text)")
        _ = try await other.builder.load(folder + ".tar")
        let fromArchive = try await other.build("FROM loaded:1\n\(Self.text)")
        let diffIDs = try await other.details(fromFolder).config.rootfs.diffIDs
        #expect(try await other.details(fromArchive).config.rootfs.diffIDs == diffIDs)
        // Two platforms under one name.
        let arm = try await other.builder.importTree(
            "\(workshop.scratch.path)/base.tar", as: Reference(parsing: "arm"), changes: ["LABEL p=arm"],
            platform: Platform(parsing: "linux/arm64"))
        var here = image.manifest
        here.platform = Platform.host
        var there = arm.manifest
        there.platform = try Platform(parsing: "linux/arm64")
        try await copy(image.manifest, from: workshop.builder.store, to: other.builder.store)
        let index = try other.builder.store.put(
            CanonicalJSON.encode(ImageIndex(manifests: [there, here])), mediaType: .ociIndex)
        try await other.builder.store.tag(index, as: Reference(parsing: "multi"))
        let chosen = try await other.build("FROM multi\nCOPY f /f\n")
        #expect(try await other.details(chosen).config.platform == Platform.host)
        let foreign = try await other.build("FROM --platform=linux/arm64 multi\nCOPY f /f\n")
        #expect(try await other.details(foreign).config.config.labels == ["p": "arm"])
        #expect(try await other.details(foreign).config.architecture == "arm64")
    }

    @Test("a layer that is not what its configuration promises is refused")
    func mismatch() async throws {
        let workshop = try await workshop()
        let base = try await workshop.builder.inspect("base")
        var config = base.config
        config.rootfs = RootFS(diffIDs: [base.id])
        var manifest = base.manifest
        let store = workshop.builder.store
        manifest.config = try store.put(CanonicalJSON.encode(config), mediaType: .ociConfig)
        try await store.tag(
            store.put(CanonicalJSON.encode(manifest), mediaType: .ociManifest), as: Reference(parsing: "bad"))
        for step in ["RUN true", "COPY f /f"] {
            let error = await #expect(throws: (any Error).self) { try await workshop.build("FROM bad\n\(step)\n") }
            #expect(error.map { "\($0)" }?.contains("damaged or was tampered with") == true)
        }
        config.rootfs = RootFS(diffIDs: [])
        manifest.config = try store.put(CanonicalJSON.encode(config), mediaType: .ociConfig)
        try await store.tag(
            store.put(CanonicalJSON.encode(manifest), mediaType: .ociManifest), as: Reference(parsing: "bad"))
        let error = await #expect(throws: EngineError.self) { try await workshop.build("FROM bad\nCOPY f /f\n") }
        #expect(error?.code == .layerMismatch)
    }

    @Test("when to pull is the builder's choice")
    func policies() async throws {
        let registry = try RegistryProcess()
        let workshop = try await workshop(registry)
        let name = try Reference(parsing: "\(registry.host)/moving:1")
        let other = try await self.workshop(registry)
        var options = BuildOptions()
        options.pullPolicy = .never
        let error = await #expect(throws: EngineError.self) {
            try await other.build("FROM \(name)\n", options: options)
        }
        #expect(error?.code == .missingBase)
        for value in ["one", "two"] {
            let image = try await workshop.build("FROM base\nLABEL v=\(value)\n", options: BuildOptions(tags: [name]))
            #expect(try await workshop.builder.push(name).digest == image.digest)
            options.pullPolicy = .missing
            var built = try await other.build("FROM \(name)\n", options: options)
            #expect(try await other.details(built).config.config.labels["v"] == "one")
            options.pullPolicy = .always
            built = try await other.build("FROM \(name)\n", options: options)
            #expect(try await other.details(built).config.config.labels["v"] == value)
            options.pullPolicy = .never
            _ = try await other.build("FROM \(name)\n", options: options)
        }
    }
}
