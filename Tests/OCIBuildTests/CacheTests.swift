import LinuxSystem
import OCIBuild
import Testing

@Suite("Step cache")
struct CacheTests {
    static let twoCopies = "FROM base\nCOPY one /one\nRUN echo ran > /ran\nCOPY dir /dir/\nRUN cat /dir/* > /all\n"

    func workshop() async throws -> Workshop {
        let workshop = try await Workshop()
        try workshop.shell("mkdir dir; echo 1 > one; echo 2 > dir/two; echo 3 > dir/three")
        return workshop
    }

    @Test("times of files, and the folder they lie in, change nothing")
    func times() async throws {
        let workshop = try await workshop()
        let first = try await workshop.record(Self.twoCopies)
        #expect(first.done.count == 4)
        try workshop.shell("touch -d 2001-01-01 one dir/two dir; mv dir x; mkdir dir; mv x/* dir")
        let second = try await workshop.record(Self.twoCopies)
        #expect(second.done == [])
        #expect(second.cached.count == 4)
        #expect(second.image == first.image)
    }

    @Test(
        "content, mode and name of a file do, and only from there on",
        arguments: ["echo 4 > dir/two", "chmod 755 dir/two", "mv dir/two dir/zwei", "chmod 700 dir", "ln -s two dir/y"])
    func changes(change: String) async throws {
        let workshop = try await workshop()
        let first = try await workshop.record(Self.twoCopies)
        try workshop.shell(change)
        let second = try await workshop.record(Self.twoCopies)
        #expect(second.done.first == "COPY dir /dir/", "\(change)")
        #expect(second.done.count == 2)
        #expect(second.cached.count == 2)
        #expect(second.image != first.image)
    }

    @Test("a step reads the arguments declared before it")
    func arguments() async throws {
        let workshop = try await workshop()
        let text = "FROM base\nRUN echo a > /a\nARG V=1\nRUN echo $V > /b\n"
        _ = try await workshop.record(text)
        var options = BuildOptions()
        options.buildArguments = ["V": "2"]
        let second = try await workshop.record(text, options: options)
        #expect(second.cached == ["RUN echo a > /a"])
        #expect(second.done == ["RUN echo $V > /b"])
        #expect(try await workshop.text("b", of: second.image) == "2\n")
    }

    @Test("hosts that are added for a build are part of its commands")
    func extraHosts() async throws {
        let workshop = try await workshop()
        let text = "FROM base\nRUN cat /etc/hosts > /h\nRUN --network=none echo alone > /a\n"
        _ = try await workshop.record(text)
        var options = BuildOptions()
        options.extraHosts = ["added:192.0.2.7"]
        let second = try await workshop.record(text, options: options)
        #expect(second.done.first == "RUN cat /etc/hosts > /h")
        #expect(try await workshop.text("h", of: second.image).hasSuffix("192.0.2.7\tadded\n"))
        #expect(try await workshop.record(text, options: options).done == [])
    }

    @Test("a second name of a file is another thing than an equal file")
    func hardLinks() async throws {
        let workshop = try await workshop()
        try workshop.shell("cp dir/two dir/copy; chmod 644 dir/*")
        let text = "FROM base\nCOPY dir /dir/\n"
        _ = try await workshop.record(text)
        try workshop.shell("ln -f dir/two dir/copy")
        let linked = try await workshop.record(text)
        #expect(linked.done.count == 1)
        #expect(try await workshop.record(text).image == linked.image)
        #expect(try await workshop.layers(linked.image)[0].contains { $0.hasSuffix("dir/two link to dir/copy") })
        // A name outside what is copied is nothing to the layer.
        try workshop.shell("ln dir/three outside")
        #expect(try await workshop.record(text).done == [])
    }

    @Test("a line that changes, steps in another order and another base are done anew")
    func definition() async throws {
        let workshop = try await workshop()
        _ = try await workshop.record("FROM base\nRUN echo 1 > /a\nRUN echo 2 > /b\nRUN echo 3 > /c\n")
        let line = try await workshop.record("FROM base\nRUN echo 1 > /a\nRUN echo X > /b\nRUN echo 3 > /c\n")
        #expect(line.cached == ["RUN echo 1 > /a"])
        let order = try await workshop.record("FROM base\nRUN echo 2 > /b\nRUN echo 1 > /a\n")
        #expect(order.cached == [])
        _ = try await workshop.build(
            "FROM base\nRUN echo more > /more\n", options: BuildOptions(tags: [try Reference(parsing: "base")]))
        let base = try await workshop.record("FROM base\nRUN echo 1 > /a\n")
        #expect(base.cached == [])
        #expect(try await workshop.text("more", of: base.image) == "more\n")
    }

    @Test("without the cache all is done, and may be used again")
    func noCache() async throws {
        let workshop = try await workshop()
        _ = try await workshop.record(Self.twoCopies)
        var options = BuildOptions()
        options.usesCache = false
        #expect(try await workshop.record(Self.twoCopies, options: options).done.count == 4)
        #expect(try await workshop.record(Self.twoCopies).done == [])
    }

    @Test("another codec makes other blobs of the same layers and runs nothing")
    func compression() async throws {
        let workshop = try await workshop()
        let first = try await workshop.record(Self.twoCopies)
        var options = BuildOptions()
        options.compression = .zstd
        let second = try await workshop.record(Self.twoCopies, options: options)
        #expect(second.done == [])
        #expect(second.image != first.image)
        let (before, after) = (try await workshop.details(first.image), try await workshop.details(second.image))
        #expect(before.config.rootfs.diffIDs == after.config.rootfs.diffIDs)
        #expect(after.manifest.layers.last?.mediaType == .ociLayerZstd)
        #expect(try await workshop.text("all", of: second.image) == "3\n2\n")
        // Only the other codec's blob is left: it is made again from that, not run again.
        let last = try #require(before.manifest.layers.last)
        try FileSystem.unlink(workshop.blob(last))
        #expect(try await workshop.record(Self.twoCopies).done == [])
    }

    @Test("a record whose layer is gone is no record")
    func lostBlob() async throws {
        let workshop = try await workshop()
        let first = try await workshop.record(Self.twoCopies)
        let layers = try await workshop.details(first.image).manifest.layers
        try FileSystem.unlink(workshop.blob(layers[2]))
        let second = try await workshop.record(Self.twoCopies)
        #expect(second.done.first == "RUN echo ran > /ran")
        #expect(try await workshop.text("all", of: second.image) == "3\n2\n")
    }

    static let unique = "cat /proc/sys/kernel/random/uuid"

    @Test("a parent that came out differently does not keep its children's layers")
    func irreproducibleParent() async throws {
        let workshop = try await workshop()
        let parent = "FROM base\nRUN \(Self.unique) > /id\n"
        _ = try await workshop.record(parent + "RUN cp /id /copy\n")
        var options = BuildOptions()
        options.usesCache = false
        _ = try await workshop.record(parent, options: options)
        let second = try await workshop.record(parent + "RUN cp /id /copy\n")
        #expect(second.done == ["RUN cp /id /copy"])
        #expect(try await workshop.text("id", of: second.image) == workshop.text("copy", of: second.image))
    }

    @Test("a copy out of a stage follows the stage's definition and its content")
    func copyFromStage() async throws {
        let workshop = try await workshop()
        let stage = "FROM base AS maker\nRUN \(Self.unique) > /id\n"
        let text = stage + "FROM base\nCOPY --from=maker /id /copy\n"
        _ = try await workshop.record(text)
        #expect(try await workshop.record(text).done == [])
        var options = BuildOptions()
        options.usesCache = false
        let maker = try await workshop.record(stage, options: options)
        let second = try await workshop.record(text)
        #expect(second.done == ["COPY --from=maker /id /copy"])
        #expect(try await workshop.text("copy", of: second.image) == workshop.text("id", of: maker.image))
        let changed = try await workshop.record(text.replacing(" > /id", with: "  > /id"))
        #expect(changed.done.count == 2)
    }

    @Test("a file that changes between key and layer does not get into the cache under the wrong key")
    func changeMeanwhile() async throws {
        let workshop = try await workshop()
        let text = "FROM base\nCOPY one /one\n"
        try workshop.shell("echo old > one")
        _ = try await workshop.build(text) { event in
            // The base is step 1; the key of the copy is made before it starts, and its layer after.
            if case .stepStarted(2) = event { try? workshop.write("one", "new\n") }
        }
        try workshop.shell("echo old > one")
        let second = try await workshop.record(text)
        #expect(second.done.count == 1)
        #expect(try await workshop.text("one", of: second.image) == "old\n")
    }
}
