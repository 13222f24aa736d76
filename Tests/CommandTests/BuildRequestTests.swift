import LinuxSystem
import OCIBuild
import Testing

@testable import ocibuild

@Suite("Command line of build")
struct BuildRequestTests {
    private func request(_ words: String..., environment: [String: String] = [:]) throws -> BuildRequest {
        let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
        return try BuildRequest(Session("build", arguments, Console(environment: environment)))
    }

    private func message(_ words: String..., environment: [String: String] = [:]) -> String? {
        do {
            let arguments = try ArgumentParser.parse(words.map { Word($0) }, for: BuildVerb.verb)
            _ = try BuildRequest(Session("build", arguments, Console(environment: environment)))
            return nil
        } catch {
            return (error as? UsageError)?.message ?? "not a usage error: \(error)"
        }
    }

    @Test func theContext() throws {
        #expect(try request().context == ".")
        #expect(try request("app").context == "app")
        #expect(try request("--context", "dir:///src").context == "/src")
        let piped = try request("-")
        #expect(piped.context == nil && piped.file == Word("-"))
        #expect(message("a", "--context", "b") == "the context is given twice: as an operand and as --context")
        #expect(
            message("-", "-f", "x") == "\"-\" reads the definition from standard input, but --file names another")
        #expect(
            message("https://example.org/x.git")
                == "a context at https://… must be fetched first: the context is a folder here")
    }

    @Test func sandboxes() throws {
        for name in ["auto", "root", "userns", "single", "chroot", "none"] {
            #expect(try request("--isolation", name).options.isolation.rawValue == name)
            #expect(try request("--isolation", name).notes == [])
        }
        for name in ["oci", "rootless", "default"] {
            let mapped = try request("--isolation", name)
            #expect(mapped.options.isolation == .auto && mapped.notes.count == 1, "\(name)")
            #expect(mapped.notes.first?.hasPrefix("--isolation \(name) is ") == true, "\(mapped.notes)")
            #expect(try request(environment: ["BUILDAH_ISOLATION": name]).options.isolation == .auto)
        }
        #expect(try request(environment: ["BUILDAH_ISOLATION": "chroot"]).options.isolation == .chroot, "this is root")
        let both = ["BUILDAH_ISOLATION": "chroot", "OCIBUILD_ISOLATION": "single"]
        #expect(try request(environment: both).options.isolation == .single)
        #expect(try request("--isolation", "none", environment: both).options.isolation == .none)
        #expect(try request().options.minimumIsolation == .none)
        #expect(try request("--min-isolation", "single").options.minimumIsolation == .single)
        #expect(try request(environment: ["OCIBUILD_MIN_ISOLATION": "root"]).options.minimumIsolation == .root)
        #expect(
            message(environment: ["OCIBUILD_MIN_ISOLATION": "auto"])
                == "OCIBUILD_MIN_ISOLATION: \"auto\" is none of root, userns, single, chroot, none")
        #expect(
            message("--isolation", "chroot", "--min-isolation", "userns")
                == "--isolation chroot is weaker than --min-isolation userns allows")
        #expect(try request("--isolation", "root", "--min-isolation", "userns").options.isolation == .root)
        #expect(
            message("--isolation", "singel")
                == "--isolation: \"singel\" is none of auto, root, userns, single, chroot, none. Did you mean \"single\"?"
        )
    }

    @Test func namesAndPushing() throws {
        let both = try request("-t", "a", "--tag", "registry.example/b:2", "-t", "a:latest")
        #expect(both.options.tags.map(\.description) == ["docker.io/library/a:latest", "registry.example/b:2"])
        #expect(!both.pushes)
        #expect(try request("--destination", "r.example/x:1").pushes)
        #expect(try !request("--destination", "r.example/x:1", "--no-push").pushes)
        #expect(message("--push") == "--push needs a name to push to: --tag NAME")
        #expect(message("-t", "UPPER")?.hasPrefix("\"UPPER\" is no image name: ") == true)
    }

    @Test func argumentsAndLabels() throws {
        let options = try request("--build-arg", "A=1=2", "--build-arg", "B", "--label", "l=v").options
        #expect(options.buildArguments["A"] == .some("1=2"))
        #expect(options.buildArguments["B"] == .some(nil))
        #expect(options.labels == ["l": "v"])
        #expect(message("--build-arg", "=x") == "--build-arg \"=x\" has no name before the =")
    }

    @Test func basesAndMirrors() throws {
        let options = try request(
            "--base-map", "python:*=mirror.example/python:3", "--base-map", "*=oci:a=b", "--python-mirror",
            "https://e/x/"
        ).options
        #expect(options.baseMap.map(\.pattern) == ["python:*", "*"])
        #expect(options.baseMap.map(\.reference) == ["mirror.example/python:3", "oci:a=b"])
        #expect(options.pythonMirror == "https://e/x")
        #expect(options.pythonSource == nil)
        #expect(message("--base-map", "python:3") == "--base-map \"python:3\" is not PATTERN=IMAGE")
        #expect(
            message("--python-source", "ftp://e")
                == "--python-source \"ftp://e\" is no address that begins with https://")
    }

    @Test func argumentFiles() throws {
        let folder = try TemporaryDirectory(prefix: "command-")
        let file = folder.path / "args"
        try FileSystem.writeFile(file, Array("# comment\n\nA=from file\r\n  B=2\nC\n".utf8))
        let options = try request("--build-arg-file", "\(file)", "--build-arg", "B=3").options
        let expected: [String: String?] = ["A": "from file", "B": "3", "C": nil]
        #expect(options.buildArguments == expected)
    }

    @Test func stepsAndTimes() throws {
        let options = try request(
            "--isolation=chroot", "--network=none", "--add-host", "db:10.0.0.1", "--add-host=six=::1", "--no-host-ca",
            "--no-cache", "--pull", "--timestamp", "preserve", "--source-date-epoch=5"
        ).options
        #expect(options.isolation == .chroot && options.network == .none)
        #expect(options.extraHosts == ["db:10.0.0.1", "six:::1"])
        #expect(options.caBundle == "")
        #expect(!options.usesCache && options.pullPolicy == .always)
        #expect(options.timestamp == .preserve && options.sourceDateEpoch == 5)
        #expect(try request("--timestamp", "77").options.timestamp == .seconds(77))
        #expect(try request("--ca-bundle", "/ca", "--no-host-ca").options.caBundle == "/ca")
        #expect(try request(environment: ["SOURCE_DATE_EPOCH": "9"]).options.sourceDateEpoch == 9)
        #expect(try request(environment: ["OCIBUILD_ISOLATION": "none"]).options.isolation == .none)
        #expect(
            message("--timestamp", "noon")
                == "--timestamp: \"noon\" is not now, preserve or a number of seconds since 1970")
        #expect(message("--source-date-epoch", "99999999999999999999")?.hasPrefix("--source-date-epoch: ") == true)
        #expect(
            message(environment: ["OCIBUILD_ISOLATION": "vm"])
                == "OCIBUILD_ISOLATION: \"vm\" is none of auto, root, userns, single, chroot, none.")
        #expect(message("--add-host", "db") == "--add-host \"db\" is not NAME:IP")
        #expect(message("--platform", "linux/amd64/v1/x")?.contains("is no platform") == true)
    }

    @Test func outputs() throws {
        let outputs = try request(
            "-o", "type=oci,dest=a.tar", "--output=type=local,dest=out", "-o", "tree", "--tar-path", "d.tar"
        ).outputs
        #expect(
            outputs == [
                BuildOutput(kind: .oci, destination: "a.tar"), BuildOutput(kind: .dir, destination: "out"),
                BuildOutput(kind: .dir, destination: "tree"), BuildOutput(kind: .docker, destination: "d.tar"),
            ])
        func refusal(_ text: String) -> String? { message("-o", text) }
        #expect(
            refusal("type=ocl,dest=x")
                == "--output \"type=ocl,dest=x\": the type \"ocl\" is none of oci|docker|dir|tar. Did you mean \"oci\"?"
        )
        #expect(refusal("type=oci") == "--output \"type=oci\": has no dest=PATH")
        #expect(refusal("dest=x") == "--output \"dest=x\": has no type: oci|docker|dir|tar")
        #expect(
            refusal("type=oci,dst=x") == "--output \"type=oci,dst=x\": unknown field \"dst\". Did you mean \"dest\"?")
        #expect(refusal("type=oci,dest=a,dest=b") == "--output \"type=oci,dest=a,dest=b\": dest is given twice")
        #expect(
            refusal("type=dir,dest=-") == "--output \"type=dir,dest=-\": a folder cannot be written to standard output")
        #expect(message("-o", "-", "-o", "type=oci,dest=-") == "only one --output can go to standard output")
    }

    @Test func registries() throws {
        let arguments = try ArgumentParser.parse(
            ["--insecure", "a:1", "--insecure-registry=b", "--plain-http", "c", "--creds", "me:pass:word", "x"].map {
                Word($0)
            },
            for: PullVerb.verb)
        let console = Console(environment: ["OCIBUILD_INSECURE_REGISTRIES": "d:5, e"])
        let target = try Reference(parsing: "r.example/x")
        let options = try Session("pull", arguments, console).registryOptions(registries: [target])
        #expect(options.insecureHosts == ["a:1", "b", "d:5", "e"])
        #expect(options.plainHTTPHosts == ["c"])
        #expect(
            try options.credentials.credential(for: "r.example", repository: nil)
                == .basic(username: "me", password: "pass:word"))
        #expect(try options.credentials.credential(for: "other.example", repository: nil) == nil)
    }
}
