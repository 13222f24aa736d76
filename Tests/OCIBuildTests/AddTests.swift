import LinuxSystem
import OCIBuild
import Testing

@Suite("ADD and WORKDIR")
struct AddTests {
    @Test("an archive is unpacked with its owners and times", arguments: ["-cf", "-czf", "-cJf", "-cjf", "--zstd -cf"])
    func archives(flags: String) async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            mkdir -p t/sub; echo 1 > t/sub/f; chmod 751 t/sub; ln t/sub/f t/hard; ln -s sub t/soft; touch -d @77 t/sub/f t/sub
            chown 3:4 t/sub/f; tar -C t \(flags) a.tar sub hard soft; tar -C t \(flags) b.tar sub/f; rm -r t
            """)
        let image = try await workshop.build(
            "FROM base\nADD a.tar /new/\nADD a.tar /etc\nADD b.tar /implied\nCOPY a.tar /a\n")
        let tree = try await workshop.tree(image)
        let expected = ["hard f 644 3:4 2 n2", "soft l 777 0:0 3 sub", "sub d 751 0:0", "sub/f f 644 3:4 2 n2"]
        #expect(try workshop.listing(tree / "new") == expected)
        #expect(try workshop.listing(tree / "implied") == ["sub d 755 0:0", "sub/f f 644 3:4 2"])
        #expect(
            try workshop.listing(tree / "etc").filter { $0.contains("sub") } == [expected[1], expected[2], expected[3]])
        #expect(FileSystem.exists(tree / "etc/passwd"))
        let times = try await workshop.layers(image)
        #expect(times[0].contains { $0.contains("1970-01-01 00:01:17") && $0.hasSuffix("new/sub/") })
        // What the archive does not describe has the constant time, as every build on every day.
        #expect(times[2].filter { $0.contains("1980-01-01 00:00:01") }.count == 2)
        var options = BuildOptions()
        options.usesCache = false
        let again = try await workshop.build(
            "FROM base\nADD a.tar /new/\nADD a.tar /etc\nADD b.tar /implied\nCOPY a.tar /a\n", options: options)
        #expect(again == image)
    }

    @Test("what only looks like an archive is copied")
    func noArchive() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            "echo text | gzip -n > log.gz; printf 'BZh9 no' > fake; : > empty; mkdir d; cp log.gz d; tar -cf d/t.tar fake"
        )
        let image = try await workshop.build("FROM base\nADD log.gz fake empty /add/\nADD d /folder\n")
        let tree = try await workshop.tree(image)
        #expect(try FileSystem.readFile(tree / "add/log.gz") == FileSystem.readFile(workshop.context / "log.gz"))
        #expect(FileSystem.exists(tree / "add/fake") && FileSystem.exists(tree / "add/empty"))
        #expect(FileSystem.exists(tree / "folder/t.tar"))
    }

    @Test("an archive that reaches out of the image is refused or contained")
    func hostile() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            mkdir w; cd w; ln -s \(workshop.scratch.path)/canary esc; tar -cf ../a.tar esc; rm esc; mkdir esc; echo x > esc/x
            tar -rf ../a.tar esc/x; cd ..; echo y > y; tar -P -cf b.tar ../context/y
            """)
        try FileSystem.makeDirectory(workshop.scratch.path / "canary")
        let tree = try await workshop.tree(workshop.build("FROM base\nADD a.tar /\n"))
        // The link leads where it leads in the image, and the directory there is the image's own.
        let canary = workshop.scratch.path / "canary"
        #expect(try FileSystem.readLink(tree / "esc") == canary)
        #expect(try FileSystem.readFile(tree / canary / "x") == Array("x\n".utf8))
        let error = await #expect(throws: StepError.self) { try await workshop.build("FROM base\nADD b.tar /\n") }
        #expect(error?.description.contains("../context/y") == true)
        #expect(try DirectoryListing.entries(at: workshop.scratch.path / "canary").isEmpty)
    }

    @Test("a working directory is made for its user, once, through links")
    func workdir() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base
            RUN mkdir /real && ln -s real /link
            WORKDIR /tmp
            WORKDIR /link/a
            USER app
            WORKDIR b/c
            RUN touch mine && pwd
            """)
        let tree = try await workshop.tree(recording.image)
        #expect(
            try workshop.listing(tree / "real") == [
                "a d 755 0:0", "a/b d 755 1000:1000", "a/b/c d 755 1000:1000", "a/b/c/mine f 644 1000:1000 0",
            ])
        #expect(recording.output == "/real/a/b/c\n" || recording.output == "/link/a/b/c\n")
        let config = try await workshop.details(recording.image).config
        #expect(config.config.workingDirectory == "/link/a/b/c")
        #expect(config.history.contains { $0.createdBy == "WORKDIR /tmp" && $0.emptyLayer == true })
    }

    @Test(
        "a working directory that the base lacks is made when a command needs it",
        arguments: [BuildOptions.IsolationChoice.root, .chroot])
    func inheritedWorkdir(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        _ = try await workshop.builder.importTree(
            "\(workshop.scratch.path)/base.tar", as: Reference(parsing: "lacking"),
            changes: ["ENV PATH=/bin", "WORKDIR /opt/app"])
        var options = BuildOptions()
        options.isolation = isolation
        let recording = try await workshop.record(
            "FROM lacking\nRUN pwd; echo 1 > f\nRUN rm -r /opt\nRUN pwd\n", options: options)
        #expect(recording.output == "/opt/app\n/opt/app\n")
        let tree = try await workshop.tree(recording.image)
        #expect(try workshop.listing(tree / "opt") == ["app d 755 0:0"])
    }
}
