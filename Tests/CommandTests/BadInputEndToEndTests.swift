import LinuxSystem
import TestSupport
import Testing

@Suite("The command: builds that cannot succeed")
struct BadInputEndToEndTests {
    /// Builds a Dockerfile over the base and expects the builder's own failure with all of `parts` in its message.
    private func refusal(
        _ dockerfile: String?, files: [String: String] = [:], options: [String] = [], _ parts: String...
    ) async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(dockerfile, files: files)
        let words = (options + [context]).map { "'\($0)'" }.joined(separator: " ")
        let outcome = try await bench.script("\"$OCIBUILD\" build \(words)")
        #expect(outcome.status == 125, "\(outcome)")
        #expect(outcome.output.isEmpty)
        for part in parts { #expect(outcome.error.contains(part), "\(outcome)") }
    }

    @Test func definitions() async throws {
        try await refusal(nil, "there is no Dockerfile and no Containerfile in ", "--file")
        try await refusal("", "Dockerfile: the file has no instructions")
        try await refusal("# only a comment\n", "Dockerfile")
        try await refusal("FROM localhost/base:1\nRUM echo\n", "Dockerfile:2", "RUM", "RUN")
        try await refusal("FROM localhost/base:1 AS build\n", options: ["--target", "biuld"], "biuld", "build")
        try await refusal("FROM localhost/base:1\n", options: ["-f", "absent"], "there is no definition \"absent\"")
    }

    @Test func contexts() async throws {
        let bench = try CommandBench()
        let absent = try await bench.run("build", "/nowhere/at/all")
        #expect(absent.status == 125)
        #expect(absent.complaint == "ocibuild: error: the context \"/nowhere/at/all\" does not exist")
        let file = try await bench.run("build", "/etc/passwd")
        #expect(file.complaint.contains("is no folder"))
        // Root may enter every folder, so that one which cannot be looked into has to be a circle.
        let circle = try await bench.script("ln -s $WORK/circle $WORK/circle; \"$OCIBUILD\" build $WORK/circle")
        #expect(circle.complaint.hasSuffix("/circle: Too many levels of symbolic links"), "\(circle)")
        let empty = try await bench.run("load")
        #expect(empty.complaint.hasPrefix("ocibuild: error: standard input: "), "\(empty)")
        let noTar = try await bench.run("import", "/etc/passwd", "localhost/passwd")
        #expect(noTar.complaint.hasPrefix("ocibuild: error: /etc/passwd: "), "\(noTar)")
    }

    @Test func sources() async throws {
        try await refusal(
            "FROM localhost/base:1\nCOPY fiel /\n", files: ["file": "x"], ">>> COPY fiel /", "fiel", "file")
        try await refusal("FROM localhost/base:1\nCOPY ../secret /\n", ">>> COPY ../secret /", "outside")
        try await refusal(
            "FROM localhost/base:1\nCOPY hidden /\n", files: ["hidden": "x", ".dockerignore": "hidden\n"],
            ">>> COPY hidden /", ".dockerignore")
        try await refusal("FROM localhost/base:1\nCOPY --from=nobody /a /\n", "nobody")
    }

    @Test func bases() async throws {
        try await refusal(
            "FROM localhost/absent:1\n", options: ["--pull=never"], "localhost/absent:1", "--pull=never")
        // Nothing listens on port 1.
        try await refusal("FROM 127.0.0.1:1/absent\n", "127.0.0.1:1")
        let registry = try RegistryProcess()
        try await refusal(
            "FROM \(registry.host)/absent:1\n", options: ["--insecure", registry.host], "\(registry.host)", "absent")
    }

    @Test func certificates() async throws {
        var options = RegistryProcess.Options()
        options.usesTLS = true
        let registry = try RegistryProcess(options)
        try await refusal("FROM \(registry.host)/absent:1\n", "--ca-bundle")
        let bench = try CommandBench()
        try await bench.importBase()
        let name = "\(registry.host)/trusted:1"
        try await bench.succeed("tag", CommandBench.base, name)
        try await bench.succeed("push", "--ca-bundle", registry.caFile, name)
        #expect(try await bench.run("push", name).status == 125)
        try await bench.succeed("push", "--tls-verify=false", name)
    }

    @Test func blobsThatChangedOnTheWay() async throws {
        let registry = try RegistryProcess()
        let bench = try CommandBench()
        try await bench.importBase()
        let name = "\(registry.host)/base:1"
        try await bench.succeed("push", "--insecure", registry.host, CommandBench.base, name)
        // The largest blob is the layer: one byte of it changes, its length does not.
        let spoilt = try await bench.script(
            "f=$(find \(registry.dataFolder) -name data -size +100k | head -1); "
                + "printf 'X' | dd of=$f bs=1 seek=5000 conv=notrunc 2>/dev/null")
        #expect(spoilt.status == 0)
        let other = try CommandBench()
        let pulled = try await other.run("pull", "--insecure", registry.host, name)
        #expect(pulled.status == 125)
        #expect(pulled.complaint.contains("sha256:"), "\(pulled)")
        #expect(try await other.succeed("images", "-q").isEmpty, "what is not whole has no name")
    }

    @Test func withoutASandbox() async throws {
        try await refusal(
            "FROM localhost/base:1\nRUN echo\n", options: ["--isolation", "none"], ">>> RUN echo",
            "--isolation none forbids it: leave the option away")
        let bench = try CommandBench()
        let context = try bench.context("FROM scratch\nCOPY file /\n", files: ["file": "x"])
        try await bench.succeed("build", "--isolation", "none", context)
        #expect(
            try await bench.succeed("doctor").contains("none            COPY, ADD and configuration need no sandbox"))
        // As root in name only, to whom no sandbox is open.
        let other = try await bench.script(
            """
            printf 'FROM scratch\\nCOPY file /\\nRUN ["/file"]\\n' >$WORK/context/Dockerfile
            exec setpriv --bounding-set -all --inh-caps -all "$OCIBUILD" build $WORK/context
            """)
        #expect(other.status == 125)
        #expect(other.complaint.contains("no sandbox works on this machine (root: "), "\(other)")
        #expect(!other.error.contains("warning:"), "\(other)")
    }

    @Test func aFailingCommand() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(
            """
            FROM localhost/base:1
            ENV A=b
            RUN i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; \\
                echo fatal >&2; exit 42
            CMD ["x"]

            """)
        let outcome = try await bench.run("build", "-t", "localhost/failed:1", "--progress", "quiet", context)
        #expect(outcome.status == 42)
        #expect(outcome.output.isEmpty)
        #expect(!outcome.error.contains("line 10\n"))
        #expect(outcome.error.contains("│ line 12\n") && outcome.error.contains("│ line 30\n"), "\(outcome)")
        #expect(outcome.error.contains("│ fatal\n"))
        #expect(outcome.error.contains("Dockerfile:3\n"))
        #expect(outcome.error.contains("  4 | >>>     echo fatal >&2; exit 42\n"))
        #expect(outcome.complaint.hasSuffix("the command ended with exit status 42"))
        #expect(try await bench.run("inspect", "localhost/failed:1").status == 125)
        let killed = try await bench.run(
            "build", "-q", try bench.context("FROM localhost/base:1\nRUN sh -c 'kill -KILL $$'; exit $?\n"))
        #expect(killed.status == 137, "\(killed)")
        let absent = try await bench.run(
            "build", "-q", try bench.context("FROM localhost/base:1\nRUN [\"/no/such/program\"]\n"))
        #expect(absent.status != 0 && absent.error.contains("/no/such/program"), "\(absent)")
    }

    @Test func aFullDisk() async throws {
        let mount = try TemporaryDirectory(prefix: "command-full-")
        let bench = try CommandBench(root: mount.path / "store")
        let mounted = try await bench.script("mount -t tmpfs -o size=24m none \(mount.path)")
        #expect(mounted.status == 0, "\(mounted)")
        do {
            try await bench.importBase()
            let context = try bench.context("FROM localhost/base:1\nCOPY big /\n")
            _ = try await bench.script("dd if=/dev/urandom of=$WORK/context/big bs=1M count=40 2>/dev/null")
            let full = try await bench.run("build", context)
            #expect(full.status == 125, "\(full)")
            #expect(full.error.contains("No space left on device"), "\(full)")
            let small = try bench.context("FROM localhost/base:1\nRUN echo still works\n")
            let after = try await bench.run("build", small)
            #expect(after.status == 0, "\(after)")
        } catch {
            Issue.record("\(error)")
        }
        _ = try await bench.script("umount -l \(mount.path)")
    }
}
