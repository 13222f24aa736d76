import LinuxSystem
import TestSupport
import Testing

@Suite("The command: Python definitions")
struct PythonEndToEndTests {
    private static let chute = """
        from chutes.chute import Chute, NodeSelector
        from chutes.image import Image
        print("reading", __name__)
        image = (
            Image(username="myuser", name="greeter", tag="1.0", description="Greets")
            .from_base("localhost/base:1")
            .add("greeting", "/greeting")
            .run_command("cat /greeting")
            .with_env("GREETING", "hello $HOME")
        )
        chute = Chute(username="myuser", name="greeter", image=image, node_selector=NodeSelector(gpu_count=1))

        """

    private static func bench() async throws -> CommandBench {
        let bench = try CommandBench()
        try await bench.importBase()
        _ = try bench.context(nil, files: ["my_chute.py": chute, "greeting": "hi\n", ".dockerignore": "secret\n"])
        return bench
    }

    /// Runs the command in the context's folder, under another name where one is given.
    private static func run(_ line: String, on bench: CommandBench, as name: String = "ocibuild") async throws
        -> CommandBench.Outcome
    {
        try await bench.script(
            "mkdir -p $WORK/bin && ln -sf $OCIBUILD $WORK/bin/\(name) && cd $WORK/context && PATH=$WORK/bin:$PATH && \(line)"
        )
    }

    @Test func everyWayToName() async throws {
        let bench = try await Self.bench()
        let first = try await Self.run("chutes build my_chute:chute --wait", on: bench, as: "chutes")
        #expect(first.status == 0 && first.output.hasPrefix("sha256:") && first.output.utf8.count == 72, "\(first)")
        #expect(first.error.contains("reading my_chute\n") && first.error.contains(" hi\n"))
        for line in [
            "build my_chute.py:chute", "build my_chute.py", "build my_chute:image .", "build -f my_chute.py:image",
            "build --file $PWD/my_chute.py:image .", "bud my_chute:chute",
            "plan my_chute:chute >plan.json && ocibuild build --plan plan.json",
            "plan my_chute:chute --format dockerfile >Dockerfile && ocibuild build --annotation "
                + "org.opencontainers.image.description=Greets",
        ] {
            let outcome = try await Self.run("ocibuild \(line)", on: bench)
            #expect(outcome.output == first.output, "\(line): \(outcome)")
        }
        #expect(try await bench.succeed("images").contains("myuser/greeter"), "the image's own name")
        let config = try await bench.succeed("inspect", "--json", "myuser/greeter:1.0")
        #expect(config.contains("\"GREETING=hello $HOME\""), "a value is literal")
    }

    @Test("A plan has one digest, whether Python or Swift says it")
    func planDigest() async throws {
        let bench = try await Self.bench()
        let file = #"""
            import sys
            from chutes.image import Image
            other = Image("myuser", "builder").from_base("python:3.11").run_command("x")
            image = (
                Image("myuser", "a", readme="# H\u00e9\n\"x\" </b>").from_base("b:1", platform="linux/amd64")
                .add("a", "b", "/c/", chown=1000, exclude=["*.pyc"], checksum="sha256:" + "0" * 64)
                .add("/build/dist/", "/app/", from_=other).copy_file("x", "/y", from_="ubuntu:22.04", chmod="755")
                .with_env("A", "b c").with_env("PATH", "$PATH:/x", expand=True).set_workdir("/a").set_workdir("b")
                .run("make", "all", mounts=["type=cache,target=/root,ro", {"type": "bind", "from_": other,
                    "source": "/x", "target": "/z"}, {"type": "bind", "from_": "alpine", "target": "/z2"}])
                .run_script("a\nb").expose_port(8000).with_python("3.11").with_healthcheck("curl x", interval=30)
                .run("echo hi").run(["a", "b"], user="root", network="none").apt_install("git curl", "it's")
                .apt_remove(["x"]).with_label("l", "v").with_maintainer("me").with_volume("/v")
                .with_stop_signal("SIGINT").with_shell(["/bin/bash", "-c"]).with_entrypoint(["x"]).with_cmd("y z")
                .with_healthcheck(None).with_healthcheck(["x"], retries=3)
                .run_command("x", newlines="folded", user="me")
            )
            nothing = Image("a", "b").run("x")
            for each in (image, nothing): print(each.plan_digest)

            """#
        try FileSystem.writeFile(bench.folder.path / "context/image.py", Array(file.utf8))
        let digests = try await Self.run("ocibuild plan --format digest image.py:image", on: bench)
        let bare = try await Self.run("ocibuild plan --format digest image.py:nothing", on: bench)
        #expect(digests.status == 0 && digests.output.hasPrefix("sha256:"), "\(digests)")
        #expect(digests.error == digests.output + bare.output, "\(digests)")
    }

    @Test func tags() async throws {
        let bench = try await Self.bench()
        let outcome = try await Self.run(
            "chutes build my_chute:chute --tag custom-v1.0 --tag other/name:2", on: bench, as: "chutes")
        #expect(outcome.status == 0, "\(outcome)")
        let names = try await bench.succeed("images")
        #expect(names.contains("custom-v1.0") && names.contains("other/name"))
        #expect(!names.contains("myuser/greeter   1.0"), "\(names)")
        _ = try bench.context("FROM localhost/base:1\n")
        #expect(try await Self.run("ocibuild build --tag custom-v1.0", on: bench).status == 0)
        #expect(try await bench.succeed("images").contains("custom-v1.0      latest"), "a Dockerfile has no name")
    }

    @Test func flags() async throws {
        let bench = try await Self.bench()
        let first = try await Self.run("ocibuild build my_chute.py:chute", on: bench)
        let cached = try await Self.run("ocibuild build my_chute.py:chute", on: bench)
        #expect(first.output == cached.output && cached.error.contains("CACHED"))
        let again = try await Self.run("ocibuild build --no-cache my_chute.py:chute", on: bench)
        #expect(again.output == first.output && !again.error.contains("CACHED"))
        let debug = try await Self.run("ocibuild build --debug -q my_chute.py:chute", on: bench)
        #expect(debug.status == 2 && debug.error.contains("--debug and --quiet"))
        let shown = try await Self.run(
            "ocibuild build --debug --local --public --logo x.png my_chute.py:chute", on: bench)
        #expect(shown.output == first.output, "\(shown)")
        #expect(shown.error.contains("\"username\":\"myuser\"") && shown.error.contains("\nRUN cat /greeting\n"))
        #expect(shown.error.contains("--public and --logo concern the Chutes platform"))
        let local = try await Self.run("ocibuild build --local --push my_chute.py:chute", on: bench)
        #expect(local.status == 2 && local.error.contains("--local keeps the image on this machine"))
        let quiet = try await Self.run("ocibuild build -q my_chute.py:chute", on: bench)
        #expect(quiet.error.isEmpty && quiet.output == first.output)
    }

    @Test func theContext() async throws {
        let bench = try await Self.bench()
        let file = """
            from chutes.image import Image
            image = Image("a", "b").from_base("localhost/base:1").add("secret", "/secret")

            """
        let image = bench.folder.path / "context/image.py"
        try FileSystem.writeFile(image, Array(file.utf8))
        try FileSystem.writeFile(bench.folder.path / "context/secret", [65])
        let left = try await Self.run("ocibuild build image.py", on: bench)
        #expect(left.status == 125 && left.error.contains(".dockerignore"), "\(left)")
        #expect(left.error.contains("image.py:2"), "the line of the program")
        #expect(try await Self.run("ocibuild build --include-cwd image.py", on: bench).status == 0)
        let elsewhere = try await Self.run(
            "mkdir -p ../other && echo x >../other/secret && ocibuild build image.py ../other", on: bench)
        #expect(elsewhere.status == 0, "\(elsewhere)")
        for (line, complaint) in [
            ("--include-cwd image.py ../other", "--include-cwd makes the current folder the context"),
            (". .", "the context is given twice"), ("image.py . .", "one argument too many"),
            ("image.py --plan x", "two definitions"), ("image.py -f Dockerfile", "two definitions"),
        ] {
            let outcome = try await Self.run("ocibuild build \(line)", on: bench)
            #expect(outcome.status == 2 && outcome.error.contains(complaint), "\(line): \(outcome)")
        }
        let missing = try await Self.run("ocibuild build imag.py", on: bench)
        #expect(missing.status == 125 && missing.complaint.hasSuffix("Did you mean \"image.py\"?"), "\(missing)")
    }

    @Test func whatAFilePrints() async throws {
        let bench = try await Self.bench()
        let noisy = "import sys\nprint('x' * 3_000_000)\nprint('\\033[2Jend', file=sys.stderr)\n"
        try FileSystem.writeFile(bench.folder.path / "context/noisy.py", Array((noisy + Self.chute).utf8))
        let outcome = try await Self.run("ocibuild plan noisy.py:chute", on: bench)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("{"), "nothing of it on standard output")
        #expect(outcome.error.utf8.count < 1_100_000 && outcome.error.contains("the rest is left out"))
        #expect(!outcome.error.contains("\u{1B}[2J"))
    }

    @Test func interrupted() async throws {
        let bench = try await Self.bench()
        let sleep = "\(Int.random(in: 100_000...999_999))"
        let file = "import subprocess\nprint('under way')\nsubprocess.run(['sleep', '\(sleep)'])\n"
        try FileSystem.writeFile(bench.folder.path / "context/slow.py", Array(file.utf8))
        let outcome = try await Self.run(
            """
            (TMPDIR=$WORK "$OCIBUILD" build slow.py 2>../err & pid=$!
            until grep -q 'under way' ../err; do sleep 0.05; done
            kill -INT $pid; wait $pid; echo $?
            ! pgrep -f '^sleep \(sleep)'; ls -d $WORK/ocibuild-python-* 2>/dev/null; true)
            """, on: bench)
        #expect(outcome.output == "130\n", "\(outcome)")
    }

    @Test func otherNamesOfTheProgram() async throws {
        let bench = try await Self.bench()
        _ = try bench.context("FROM localhost/base:1\n")
        let built = try await Self.run("docker build -t wordcount .", on: bench, as: "docker")
        #expect(built.status == 0, "\(built)")
        let listed = try await Self.run("docker image ls -q wordcount", on: bench, as: "docker")
        #expect(listed.output == built.output)
        let removed = try await Self.run("docker image rm wordcount", on: bench, as: "docker")
        #expect(removed.output == "untagged wordcount:latest\n", "\(removed)")
    }
}
