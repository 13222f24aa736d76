import LinuxSystem
import TestSupport
import Testing

@Suite("The command: every verb")
struct ImageEndToEndTests {
    private static let dockerfile = """
        FROM localhost/base:1
        RUN echo built > /made && echo out && echo err >&2
        COPY file /file
        ENV GREETING="hello there"
        CMD ["sh"]

        """

    @Test func buildListInspectTagAndRemove() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(Self.dockerfile, files: ["file": "content"])
        let identity = bench.folder.path / "iid"
        let metadata = bench.folder.path / "meta"
        let first = try await bench.run(
            "build", "-t", "localhost/app:1", "-t", "localhost/app:2", "--iidfile", "\(identity)", "--metadata-file",
            "\(metadata)", context)
        #expect(first.status == 0, "\(first)")
        let digest = first.output.dropLast()
        #expect(digest.hasPrefix("sha256:") && digest.count == 71)
        #expect(first.error.contains("#2 [stage-0 2/3] RUN echo built > /made && echo out && echo err >&2\n"))
        #expect(first.error.contains(" out\n") && first.error.contains(" err\n"))
        #expect(first.error.contains("#2 DONE "))

        let again = try await bench.run("build", context)
        #expect(again.output == first.output, "the same image from the cache")
        #expect(again.error.contains("#2 CACHED") && again.error.contains("#3 CACHED"))
        let quiet = try await bench.run("build", "-q", context)
        #expect(quiet.output == first.output && quiet.error.isEmpty)
        let json = try await bench.run("build", "--progress", "json", "--no-cache", context)
        #expect(json.status == 0 && json.output.hasPrefix("sha256:"), "\(json)")
        #expect(json.error.contains("\"line\":\"out\"") && json.error.hasPrefix("{\"event\":\"planned\""))

        let list = try await bench.succeed("images")
        #expect(list.hasPrefix("NAME             TAG   DIGEST         CREATED"))
        #expect(list.contains("localhost/app    2     \(digest.dropFirst(7).prefix(12))"))
        #expect(try await bench.succeed("images", "-q", "app") == "\(digest)\n")
        #expect(try await bench.succeed("images", "--json", "app").contains("\"tag\":\"2\""))

        let details = try await bench.succeed("inspect", "--json", "localhost/app:1")
        #expect(details.contains("\"Env\":[") && details.contains("\"GREETING=hello there\""))
        #expect(details.contains("\"names\":[\"localhost/app:1\",\"localhost/app:2\"]"))
        let id = String(decoding: try FileSystem.readFile(identity), as: UTF8.self)
        #expect(details.contains("\"id\":\"\(id)\""))
        #expect(try await bench.succeed("inspect", "--json", "\(digest.prefix(20))") == details)
        #expect(try await bench.succeed("inspect", "--raw", "localhost/app:1").hasPrefix("{"))
        let facts = String(decoding: try FileSystem.readFile(metadata), as: UTF8.self)
        #expect(facts.contains("\"containerimage.digest\":\"\(digest)\""))
        #expect(facts.contains("\"image.name\":\"localhost/app:1,localhost/app:2\""))

        let history = try await bench.succeed("history", "--no-trunc", "localhost/app:1")
        #expect(history.contains("COPY file /file") && history.contains("GREETING"))

        try await bench.succeed("tag", "localhost/app:1", "localhost/other:9")
        #expect(try await bench.succeed("rmi", "localhost/app:1") == "untagged localhost/app:1\n")
        let missing = try await bench.run("rmi", "localhost/app:1")
        #expect(missing.status == 125)
        #expect(
            missing.complaint
                == "ocibuild: error: there is no image \"localhost/app:1\" here. Did you mean \"localhost/app:2\"?")
        #expect(try await bench.run("rmi", "-f", "localhost/app:1").status == 0)
        #expect(try await bench.succeed("prune", "--all").hasPrefix("freed "))
        #expect(try await bench.succeed("images", "-q", "other") == "\(digest)\n", "prune keeps what has a name")
    }

    @Test func archivesAndLayouts() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(Self.dockerfile, files: ["file": "content"])
        let place = "\(bench.folder.path)"
        let digest = try await bench.succeed(
            "build", "-t", "localhost/app:1", "-o", "type=oci,dest=\(place)/layout", "-o",
            "type=docker,dest=\(place)/docker.tar", "-o", "type=dir,dest=\(place)/tree", "-o",
            "type=tar,dest=\(place)/tree.tar", "-o", "type=oci,dest=\(place)/oci.tar", context)
        #expect(try FileSystem.readFile(bench.folder.path / "tree/made") == Array("built\n".utf8))
        let listed = try await bench.script("tar -tf $WORK/tree.tar")
        #expect(listed.output.contains("\nmade\n") || listed.output.contains("\n./made\n"), "\(listed)")
        let readers = try await bench.script(
            """
            set -e
            skopeo inspect --raw oci:$WORK/layout | sha256sum
            "$OCIBUILD" save localhost/app:1 >$WORK/saved.tar
            "$OCIBUILD" save --format oci -o $WORK/saved-oci.tar localhost/app:1
            skopeo inspect --raw oci-archive:$WORK/saved-oci.tar | sha256sum
            tar -tf $WORK/saved.tar manifest.json
            """)
        #expect(readers.status == 0, "\(readers)")
        let hex = digest.dropFirst(7).dropLast()
        #expect(readers.output == "\(hex)  -\n\(hex)  -\nmanifest.json\n")
        for source in ["layout", "docker.tar", "oci.tar", "saved.tar", "saved-oci.tar"] {
            try await bench.succeed("rmi", "localhost/app:1")
            #expect(try await bench.succeed("load", "\(place)/\(source)") == "localhost/app:1\n", "\(source)")
            #expect(try await bench.succeed("images", "-q", "app") == digest, "\(source)")
        }
        let piped = try await bench.script("\"$OCIBUILD\" save localhost/app:1 | \"$OCIBUILD\" load")
        #expect(piped.output == "localhost/app:1\n", "\(piped)")
        let streamed = try await bench.script("\"$OCIBUILD\" build -q -o - $WORK/context | tar -t | grep made")
        #expect(streamed.status == 0, "\(streamed)")
    }

    @Test func definitionsFromElsewhere() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let piped = try await bench.run("build", "-", input: "FROM localhost/base:1\nENV A=b\n")
        #expect(piped.status == 0, "\(piped)")
        let context = try bench.context(nil, files: ["file": "x", "other": "FROM localhost/base:1\nCOPY file /\n"])
        #expect(try await bench.run("build", "-f", "other", context).status == 0, "a file in the context")
        let stdin = try await bench.run("build", "-f", "-", context, input: "FROM localhost/base:1\nCOPY file /\n")
        #expect(stdin.status == 0, "\(stdin)")
        let imported = try await bench.script(
            "cat $WORK/context/file; tar -C $WORK/context -c . | \"$OCIBUILD\" import -c 'CMD [\"x\"]' - localhost/made"
        )
        #expect(imported.status == 0, "\(imported)")
        #expect(try await bench.succeed("inspect", "--json", "localhost/made").contains("\"Cmd\":[\"x\"]"))
    }

    @Test func doctorSaysWhatWorks() async throws {
        let bench = try CommandBench()
        let text = try await bench.succeed("doctor")
        #expect(text.hasPrefix("Sandboxes, strongest first\n"))
        #expect(text.contains("(used by default)"))
        let json = try await bench.succeed("doctor", "--json")
        #expect(json.contains("\"chosen\":\"root\"") && json.contains("\"name\":\"chroot\""))
    }

    @Test func registries() async throws {
        let registry = try RegistryProcess()
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(Self.dockerfile, files: ["file": "content"])
        let name = "\(registry.host)/team/app:1"
        let built = try await bench.run("build", "--insecure", registry.host, "-t", name, "--push", context)
        #expect(built.status == 0, "\(built)")
        let digestFile = bench.folder.path / "digest"
        let pushed = try await bench.succeed(
            "push", "--plain-http", registry.host, "--digest-file", "\(digestFile)", name,
            "\(registry.host)/team/copy:2")
        #expect(pushed == built.output)
        #expect(try FileSystem.readFile(digestFile) == Array(pushed.dropLast().utf8))

        let other = try CommandBench()
        let environment = ["OCIBUILD_INSECURE_REGISTRIES": registry.host]
        let pulled = try await other.run("pull", "\(registry.host)/team/copy:2", environment: environment)
        #expect(pulled.output == built.output, "\(pulled)")
        #expect(pulled.error.contains("pull "))
        let remote = try await other.run("inspect", "--remote", "--raw", name, environment: environment)
        #expect(remote.output == (try await bench.succeed("inspect", "--raw", name)))
        let onTop = try other.context("FROM \(name)\nRUN cat /made\n")
        let extended = try await other.run("build", "--insecure", registry.host, onTop)
        #expect(extended.status == 0 && extended.error.contains(" built\n"), "\(extended)")

        let refused = try await other.run("pull", "--pull", name)
        #expect(refused.status == 2)
        let encrypted = try await CommandBench().run("pull", name)
        #expect(encrypted.status == 125, "plain http only where it was asked for")
        #expect(
            encrypted.complaint.contains("--insecure \(registry.host)") || encrypted.complaint.contains("--plain-http"))
    }

    @Test func loginAndLogout() async throws {
        var options = RegistryProcess.Options()
        options.account = (username: "ann", password: "s3cret")
        let registry = try RegistryProcess(options)
        let bench = try CommandBench()
        try await bench.importBase()
        let name = "\(registry.host)/private:1"
        try await bench.succeed("tag", CommandBench.base, name)

        let stranger = try await bench.run("push", "--insecure", registry.host, name)
        #expect(stranger.status == 125)
        #expect(stranger.complaint.contains("ocibuild login \(registry.host)"), "\(stranger)")
        let wrong = try await bench.run(
            "login", "--insecure", registry.host, "-u", "ann", "--password-stdin", registry.host, input: "nonsense\n")
        #expect(wrong.status == 125)
        #expect(!wrong.error.contains("nonsense"))
        let right = try await bench.run(
            "login", "--insecure", registry.host, "-u", "ann", "--password-stdin", registry.host, input: "s3cret\n")
        #expect(right.status == 0, "\(right)")
        #expect(right.error.hasPrefix("Logged in to \(registry.host)"))
        try await bench.succeed("push", "--insecure", registry.host, name)
        let out = try await bench.run("logout", registry.host)
        #expect(out.status == 0 && out.error.hasPrefix("Logged out of \(registry.host)"), "\(out)")
        #expect(try await bench.run("pull", "--insecure", registry.host, name).status == 125)
        #expect(try await bench.run("pull", "--insecure", registry.host, "--creds", "ann:s3cret", name).status == 0)
        let lonely = try await bench.run("login", registry.host)
        #expect(lonely.status == 2 && lonely.error.contains("no terminal to ask on"), "never waits for an answer")
    }
}
