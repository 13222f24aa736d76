import LinuxSystem
import OCIBuild
import Testing

@Suite("The store")
struct StoreTests {
    @Test("images are listed, found by the beginning of their id, renamed and removed")
    func images() async throws {
        let workshop = try await Workshop()
        let tag = try Reference(parsing: "app:1")
        let image = try await workshop.build("FROM base\nRUN echo 1 > /x\n", options: BuildOptions(tags: [tag]))
        let list = try await workshop.builder.images()
        #expect(list.map(\.reference.familiar) == ["app:1", "base:latest"])
        #expect(list[0].id == image.config.digest && list[0].digest == image.digest)
        for name in ["app:1", String(image.config.digest.hex.prefix(12)), "\(image.digest)"] {
            #expect(try await workshop.builder.inspect(name).id == image.config.digest, "\(name)")
        }
        try await workshop.builder.tag(tag, as: Reference(parsing: "other"))
        try await workshop.builder.remove(tag)
        #expect(try await workshop.builder.inspect("other").tags.map(\.familiar) == ["other:latest"])
        await #expect(throws: (any Error).self) { try await workshop.builder.inspect("app:1") }
    }

    @Test("pruning keeps what images and the cache need; all of it but the images goes when asked")
    func prune() async throws {
        let workshop = try await Workshop()
        let text = "FROM base\nRUN echo 1 > /x\nRUN echo 2 > /y\n"
        let kept = try await workshop.build(text, options: BuildOptions(tags: [try Reference(parsing: "kept")]))
        let loose = "FROM base\nRUN echo 3 > /z\n"
        _ = try await workshop.build(loose)
        _ = try await workshop.builder.prune()
        #expect(try await workshop.record(text).done == [])
        #expect(try await workshop.record(loose).done == [])
        let outcome = try await workshop.builder.prune(all: true)
        #expect(outcome.steps == 3 && outcome.blobs > 0 && outcome.freedBytes > 0)
        #expect(try workshop.builder.store.verify().problems.isEmpty)
        #expect(try await workshop.text("y", of: kept) == "2\n")
        #expect(try await workshop.record(loose).done.count == 1)
        let lease = try workshop.builder.store.lease()
        await #expect(throws: (any Error).self) { try await workshop.builder.prune() }
        withExtendedLifetime(lease) {}
    }

    @Test("pruning drops records without layers and trees of an earlier run, and what is damaged does not stop it")
    func pruneLeftovers() async throws {
        let workshop = try await Workshop()
        let image = try await workshop.build("FROM base\nRUN echo 1 > /x\n")
        let store = workshop.scratch.path / "store"
        try FileSystem.unlink(workshop.blob(try #require(try await workshop.details(image).manifest.layers.last)))
        try workshop.shell("for f in \(store)/snapshots/chains-*/*; do sed -i 's/ .*/ another-run/' $f; done")
        let outcome = try await workshop.builder.prune()
        #expect(outcome.steps == 1 && outcome.snapshots >= 2)
        #expect(try workshop.shell("find \(store)/snapshots -path '*/chains-*/*'") == "")
        #expect(try await workshop.record("FROM base\nRUN echo 1 > /x\n").done.count == 1)
        let base = try await workshop.builder.find("base")
        try FileSystem.writeFile(workshop.blob(base), [UInt8](repeating: 0x20, count: Int(base.size)))
        #expect(try await workshop.builder.prune().warnings.count == 1)
    }

    @Test("an output is whole or not there, and takes the place of another")
    func wholeOutputs() async throws {
        let workshop = try await Workshop()
        let image = try await workshop.build("FROM base\nRUN echo 1 > /x\n")
        try workshop.shell("mkdir out; echo old > out/t.tar")
        let output = BuildOutput(kind: .tar, destination: "\(workshop.context)/out/t.tar")
        let layer = workshop.blob(try await workshop.details(image).manifest.layers[1])
        let bytes = try FileSystem.readFile(layer)
        try FileSystem.writeFile(layer, [UInt8](repeating: 0, count: bytes.count))
        await #expect(throws: (any Error).self) { try await workshop.builder.export(image, to: output) }
        #expect(try workshop.shell("ls -A out; cat out/t.tar") == "t.tar\nold\n")
        try FileSystem.writeFile(layer, bytes)
        try await workshop.builder.export(image, to: output)
        #expect(try workshop.shell("ls -A out; tar -xOf out/t.tar x") == "t.tar\n1\n")
    }

    @Test("a root file system's tar is imported however it is packed", arguments: ["", "gzip", "xz", "bzip2", "zstd"])
    func importing(packer: String) async throws {
        let workshop = try await Workshop()
        let base = try await workshop.builder.inspect("base")
        try workshop.shell(packer.isEmpty ? "cp ../base.tar in" : "\(packer) -c < ../base.tar > in")
        let image = try await workshop.builder.importTree("\(workshop.context)/in", as: Reference(parsing: "again"))
        let details = try await workshop.details(image)
        if packer != "xz", packer != "bzip2" { #expect(details.config.rootfs == base.config.rootfs) }
        #expect(try await workshop.record("FROM again\nENV PATH=/bin\nRUN cat /etc/group\n").output.hasPrefix("root:"))
        try workshop.shell("head -c 1000 in > broken; echo text > text")
        for name in ["broken", "text", "absent"] {
            await #expect(throws: (any Error).self) {
                try await workshop.builder.importTree("\(workshop.context)/\(name)", as: Reference(parsing: "broken"))
            }
        }
        await #expect(throws: (any Error).self) { try await workshop.builder.inspect("broken") }
    }

    @Test("an image is written as a folder, a tar, a layout and an archive")
    func export() async throws {
        let workshop = try await Workshop()
        let image = try await workshop.build(
            "FROM base\nRUN rm -r /tmp && mkdir /d && ln /bin/busybox /d/box && chmod 4711 /d\n",
            options: BuildOptions(tags: [try Reference(parsing: "x:1")]))
        let folder = try await workshop.tree(image)
        let base = "\(workshop.scratch.path)/out"
        for (kind, name) in [(BuildOutput.Kind.tar, "t.tar"), (.oci, "layout"), (.oci, "oci.tar"), (.docker, "d.tar")] {
            try await workshop.builder.export(image, to: BuildOutput(kind: kind, destination: "\(base)-\(name)"))
        }
        try workshop.shell("mkdir ../x; tar -C ../x --numeric-owner -xpf \(base)-t.tar")
        #expect(try workshop.listing(workshop.scratch.path / "x") == workshop.listing(folder))
        #expect(!FileSystem.exists(folder / "tmp"))
        for source in ["oci:\(base)-layout", "oci-archive:\(base)-oci.tar", "docker-archive:\(base)-d.tar"] {
            #expect(try workshop.shell("skopeo inspect --config \(source)").contains("\"PATH=/bin\""), "\(source)")
        }
        await #expect(throws: (any Error).self) {
            try await workshop.builder.export(image, to: BuildOutput(kind: .dir, destination: "\(folder)"))
        }
    }

    static let shared = """
        FROM base AS one
        RUN sleep 0.1; echo 1 > /one; touch -d @1 /one /
        FROM base
        COPY . /c/
        RUN echo 2 > /two; sleep 0.1; touch -d @1 /two /
        COPY --from=one /one /one
        WORKDIR /w
        """

    @Test("many builds of the same at once make the same image and leave one whole store")
    func together() async throws {
        let workshop = try await Workshop()
        try workshop.shell("seq 100000 > f")
        let builders = try (0..<8).map { _ in try Builder(root: workshop.builder.root, environment: [:]) }
        let digests = try await withThrowingTaskGroup(of: [Digest].self) { group in
            for (number, builder) in builders.enumerated() {
                group.addTask {
                    let tag = try Reference(parsing: "same:\(number)")
                    let image = try await builder.build(
                        .text(Self.shared), context: workshop.context.string, options: BuildOptions(tags: [tag]))
                    return try await workshop.details(image).config.rootfs.diffIDs
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(digests).count == 1)
        #expect(try workshop.builder.store.verify().problems.isEmpty)
        #expect(try await workshop.builder.images().count == 9)
        #expect(try await workshop.record(Self.shared).done == [])
        try workshop.expectClean()
    }

    @Test("so do several processes")
    func processes() async throws {
        let workshop = try await Workshop()
        try workshop.shell("seq 1000 > f")
        let program = try FileSystem.readLink("/proc/self/exe")
        try workshop.shell(
            """
            for i in 1 2 3 4; do OCIBUILD_TEST_STORE=\(workshop.builder.root) OCIBUILD_TEST_CONTEXT=\(workshop.context) \\
            \(program) --testing-library swift-testing --filter OtherProcess \\
            > ../log$i 2>&1 & pids="$pids $!"; done; for p in $pids; do wait $p; done
            """)
        #expect(try workshop.builder.store.verify().problems.isEmpty)
        #expect(try await workshop.builder.images().count == 5)
        #expect(try await workshop.record(Self.shared).done == [])
        try workshop.expectClean()
    }
}
