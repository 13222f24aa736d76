import LinuxSystem
import TestSupport
import Testing

@testable import ocibuild

@Suite("The Python package")
struct PythonPackageTests {
    /// `Sources/CChutes`.
    static let sources = (Path(#filePath).parent?.parent?.parent ?? ".") / "Sources/CChutes"

    @Test func theProgramCarriesEveryFile() throws {
        let embedded = Dictionary(uniqueKeysWithValues: PythonPackage.files.map { ("\($0.path)", $0.bytes) })
        let listed = try ChildProcess.run(["find", "\(Self.sources)", "-name", "*.py", "-not", "-path", "*/build/*"])
        let names = String(decoding: listed.output, as: UTF8.self).split(separator: "\n")
            .map { String($0.dropFirst("\(Self.sources)/".count)) }
        #expect(embedded.keys.sorted() == names.sorted())
        for name in names { #expect(try embedded[name] == FileSystem.readFile(Self.sources / Path(name))) }
        let project = String(decoding: try FileSystem.readFile(Self.sources / "pyproject.toml"), as: UTF8.self)
        #expect(project.contains("version = \"\(VersionVerb.current)\""))
        #expect(
            embedded["chutes/__init__.py"].map { String(decoding: $0, as: UTF8.self) }?.contains(
                "__version__ = \"\(VersionVerb.current)\"") == true)
    }

    @Test func anImageIsAValue() throws {
        let text = """
            import copy, pickle
            from chutes.image import Image, ImageError
            base = Image("myuser", "ai-base", "1.0.0").from_base("cuda")
            first = base.run_command("one").with_env("A", "1").set_workdir("/app")
            second = first.run_script("two").renamed("second", "2").with_user(1000).set_workdir("data")
            assert (len(base.steps), len(first.steps), len(second.steps)) == (0, 3, 6)
            assert base.env == {} and first.env == {"A": "1"} and second.workdir == "/app/data"
            assert first.user is None and second.user == "1000" and first.reference == "myuser/ai-base:1.0.0"
            on = Image("a", "b").from_base(second).with_env("B", "$A/x", expand=True).with_cmd(["sh"])
            assert on.env == {"A": "1", "B": "1/x"} and on.user == "1000" and on.cmd == ["sh"] and on.entrypoint is None
            assert [stage["name"] for stage in on.plan()["stages"]] == ["second", "b"]
            assert base == Image("myuser", "ai-base", "1.0.0").from_base("cuda") != first
            assert pickle.loads(pickle.dumps(on)) == copy.deepcopy(on) == on and hash(on) is not None
            both = Image("a", "c").from_base("x").add("f", "/", from_=first).copy_file("g", "/", from_=first.run("x"))
            assert [stage["name"] for stage in both.plan()["stages"]] == ["ai-base", "ai-base-2", "c"]
            def rule(make):
                try: make()
                except (ImageError, AttributeError) as error: return str(error)
                raise AssertionError("no error")
            for make in [
                lambda: Image("My User", "x"), lambda: Image("-a", "x"), lambda: Image("a", "x" * 64),
                lambda: Image("a", ""), lambda: Image("a", None), lambda: Image("a", "b", "a b"),
                lambda: Image("a", "b", "x" * 129), lambda: base.from_base("a b"), lambda: base.run_command(" "),
                lambda: base.run_command("x", newlines="some"), lambda: base.with_env("A=B", "x"),
                lambda: base.with_env("A", True), lambda: base.with_env("A", None), lambda: base.set_user("a b"),
                lambda: base.with_entrypoint(None), lambda: base.with_cmd([1]), lambda: base.expose_port(0),
                lambda: base.expose_port("9-8"), lambda: base.with_python(3.10), lambda: base.with_python("latest"),
                lambda: base.add("a"), lambda: base.add("a", "b", chmdo="1"), lambda: base.add("a", "b", chmod=755),
                lambda: base.add("a", "b", checksum="md5:1"), lambda: base.copy_file("a", "b", checksum="x"),
                lambda: base.run("x", mounts="type=caches"), lambda: base.run("x", mounts={"where": "/"}),
                lambda: base.apt_install([]), lambda: base.with_healthcheck("x", interval="soon"),
                lambda: setattr(base, "tag", "2"), lambda: base.with_entrypont(["x"]),
            ]: print(rule(make))
            """
        let outcome = try ChildProcess.run(
            ["python3", "-c", text],
            environment: ["PYTHONPATH": "\(Self.sources)", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
        #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
        let rules = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(rules == Self.rules)
    }

    private static let rules = [
        "username 'My User' must be lowercase alphanumeric with hyphens; did you mean 'my-user'?",
        "username '-a' cannot start or end with a hyphen; did you mean 'a'?",
        "name '\(String(repeating: "x", count: 64))' has 64 characters; the most is 63; did you mean "
            + "'\(String(repeating: "x", count: 63))'?",
        "name is empty",
        "name must be a string, not None",
        "tag 'a b' must consist of letters, digits, '_', '.' and '-', and start with none of '.' and '-'; did you mean "
            + "'a-b'?",
        "tag 'xxxxxxxxxxxxxxxxxxxx'… has 129 characters; the most is 128",
        "base_image 'a b' contains white space; it is a name such as 'python:3.11-slim'",
        "command has nothing but white space in it",
        "newlines is 'some'; it must be one of 'auto', 'literal', 'folded'",
        "key 'A=B' may contain neither '=' nor white space",
        "the value of A is True: write the text that is meant, such as '1' or 'true'",
        "the value of A must be a string, not None",
        "user 'a b' must be a name or number, with a group as in '1000:1000' or 'app:staff'",
        "entrypoint must be a list of strings, not None",
        "cmd[0] must be a string, not int 1",
        "port 0 is not between 1 and 65535",
        "port '9-8': the range ends before it begins",
        "version 3.1 is a number, which cannot tell 3.1 from 3.10: write it in quotes, '3.11'",
        "version 'latest' is none of Python's: write '3.11' or '3.11.5'",
        "a source and a destination are needed: add(\"requirements.txt\", \"/app/requirements.txt\")",
        "unknown option 'chmdo'; there are from_, chown, chmod, exclude, checksum, keep_git_dir",
        "chmod is the number 755: write it in quotes, as the chmod command has it: '755'",
        "checksum 'md5:1' must be 'sha256:' and 64 hexadecimal digits",
        "unknown option 'checksum'; there are from_, chown, chmod, exclude",
        "a mount cannot be of type 'caches'; there are bind, cache, tmpfs, secret, ssh",
        "a mount has no setting 'where'; there are env, from, gid, id, mode, readonly, required, sharing, size, source, "
            + "target, type, uid",
        "packages is empty",
        "interval 'soon' is no duration: write '30s', '1m30s', or a number of seconds",
        "'tag' cannot be set: an Image never changes, its methods return another; renamed() gives it a name",
        "'Image' object has no attribute 'with_entrypont'",
    ]

    @Test func installedWithPip() async throws {
        let registry = try RegistryProcess()
        let bench = try CommandBench()
        try await bench.importBase()
        let outcome = try await bench.script(
            """
            set -eu
            cp -r \(Self.sources) $WORK/source
            python3 -m venv --system-site-packages $WORK/venv
            $WORK/venv/bin/pip install -q --no-index --no-build-isolation $WORK/source
            mkdir $WORK/context && cd $WORK/context
            echo hello >greeting
            cat >program.py <<'EOF'
            import sys
            from chutes.image import BuildError, Image
            image = Image("myuser", "greeter", "1.0").from_base("localhost/base:1").add("greeting", "/greeting")
            built = image.run_command("cat /greeting").build()
            print(built.digest, built.id, built.tags)
            print(image.run_command("cat /greeting").dockerfile())
            pushed = image.push(tag=sys.argv[1], plain_http=sys.argv[2], quiet=True)
            print(pushed.tags)
            try:
                image.run_command("echo oops; exit 7").build(quiet=True)
            except BuildError as error:
                print(error.status, "oops" in str(error), error)
            EOF
            $WORK/venv/bin/python program.py \(registry.host)/greeter:1 \(registry.host)
            """)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("sha256:") == true)
        #expect(lines.first?.hasSuffix(" ['docker.io/myuser/greeter:1.0']") == true, "\(outcome)")
        #expect(lines.contains("FROM localhost/base:1 AS greeter") && lines.contains("RUN cat /greeting"))
        #expect(lines.contains("['\(registry.host)/greeter:1']"))
        #expect(outcome.output.contains("7 True ocibuild build of myuser/greeter:1.0 ended with status 7:\n"))
        #expect(outcome.error.contains(" hello\n"), "progress is shown")
        let other = try CommandBench()
        try await other.succeed("pull", "--plain-http", registry.host, "\(registry.host)/greeter:1")
    }

    @Test func withoutTheProgram() throws {
        let text = """
            from chutes.image import BuildError, Image
            try: Image("a", "b").build()
            except BuildError as error: print(error)
            """
        for (variable, message) in [
            ("", "there is no ocibuild on the PATH"), ("/no/such", "OCIBUILD names '/no/such', which is no program"),
        ] {
            let outcome = try ChildProcess.run(
                ["/usr/bin/python3", "-c", text],
                environment: [
                    "PYTHONPATH": "\(Self.sources)", "PATH": "/no", "OCIBUILD": variable,
                    "PYTHONDONTWRITEBYTECODE": "1",
                ])
            #expect(
                String(decoding: outcome.output, as: UTF8.self)
                    == message + "; install ocibuild, or let the environment variable OCIBUILD name it\n")
        }
    }
}
