import BuildModel
import OCISpec
import Testing

@testable import Dockerfile

@Suite struct SettingsTests {
    private func config(_ lines: String) throws -> ContainerConfig {
        try Sample.lower("FROM debian\n" + lines).config.config
    }

    private func codes(_ text: String, _ buildArgs: [String: String?] = [:]) throws -> [String] {
        try Sample.lower(text, options: Sample.options(buildArgs)).warnings.map(\.code)
    }

    @Test func environment() throws {
        let env = try config("ENV a=1 b=$a\nENV c=$a d=\"x $b\" e='$a' f=g\\ h\nENV old  style value\nENV a=2\n").env
        #expect(env == ["PATH=/usr/bin:/bin", "a=2", "b=", "c=1", "d=x ", "e=$a", "f=g h", "old=style value"])
        #expect(try config("ENV PATH=/opt/bin:$PATH\n").env == ["PATH=/opt/bin:/usr/bin:/bin"])
    }

    @Test func arguments() throws {
        let text = """
            ARG BASE=debian
            ARG TAG=${BASE}-12
            FROM ${TAG}
            ARG BASE
            ARG OTHER=$BASE-x unset
            ENV E=env
            ARG E=arg
            RUN echo
            """
        let plan = try Sample.lower(text)
        #expect(plan.nodes[0].title == "FROM debian-12")
        #expect(
            Sample.runs(plan)[0].environment == ["PATH=/usr/bin:/bin", "E=env", "BASE=debian", "OTHER=debian-x"])
        #expect(plan.history.map(\.createdBy).prefix(2) == ["ARG BASE=debian", "ARG OTHER=debian-x unset"])
        let other = try Sample.lower(
            text, options: Sample.options(["BASE": "alpine", "OTHER": "o", "unset": nil, "TAG": "edge"]))
        #expect(other.nodes[0].title == "FROM edge")
        #expect(
            Sample.runs(other)[0].environment == ["PATH=/usr/bin:/bin", "E=env", "BASE=alpine", "OTHER=o"])
    }

    @Test func proxiesAreAmbient() throws {
        let text = "FROM debian\nRUN a\nARG HTTP_PROXY\nRUN b\n"
        let secret = "http://user:secret@proxy"
        let plan = try Sample.lower(text, options: Sample.options(["HTTP_PROXY": secret, "no_proxy": "x"]))
        let runs = Sample.runs(plan)
        #expect(runs[0].ambientEnvironment == ["HTTP_PROXY=\(secret)", "no_proxy=x"])
        #expect(!runs[0].environment.contains { $0.contains("PROXY") })
        #expect(runs[1].ambientEnvironment == ["no_proxy=x"])
        #expect(runs[1].environment.contains("HTTP_PROXY=\(secret)"))
        #expect(!plan.history.contains { $0.createdBy.contains("secret") })
        #expect(plan.warnings.isEmpty)
    }

    @Test func commands() throws {
        #expect(try config("CMD echo $HOME\n").cmd == ["/bin/sh", "-c", "echo $HOME"])
        #expect(try config("CMD []\n").cmd == [])
        #expect(try config("CMD [\"a\", \"$b\"]\n").cmd == ["a", "$b"])
        let set = try config("CMD x\nENTRYPOINT [\"e\"]\n")
        #expect(set.cmd == ["/bin/sh", "-c", "x"] && set.entrypoint == ["e"])
        let plan = try Sample.lower("FROM debian\nCMD [\"a\", \"b \\\"c\\\"\"]\n")
        #expect(plan.history.map(\.createdBy) == [#"CMD ["a" "b \"c\""]"#])
    }

    @Test func labelsPortsVolumes() throws {
        let set = try config(
            "ENV p=8080 l=k\nLABEL $l.x=\"a b\" 'q r'=1\nEXPOSE $p 53/udp 9000-9002 80:81/TCP\n"
                + "VOLUME [\"/a\", \"/b c\"]\nVOLUME /d /a\nSTOPSIGNAL SIGQUIT\nUSER ${l}:g\n")
        #expect(set.labels == ["k.x": "a b", "q r": "1"])
        #expect(set.exposedPorts == ["8080/tcp", "53/udp", "9000/tcp", "9001/tcp", "9002/tcp", "81/tcp"])
        #expect(set.volumes == ["/a", "/b c", "/d"])
        #expect(set.stopSignal == "SIGQUIT" && set.user == "k:g")
    }

    @Test func labelsOfTheCaller() throws {
        var options = Sample.options()
        options.labels = ["a": "2"]
        let plan = try Sample.lower("FROM debian\nLABEL a=1 b=1\n", options: options)
        #expect(plan.config.config.labels == ["a": "2", "b": "1"])
    }

    @Test func healthchecks() throws {
        let second: Int64 = 1_000_000_000
        #expect(
            try config("HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0s --retries=3 CMD curl x\n")
                .healthcheck
                == Healthcheck(
                    test: ["CMD-SHELL", "curl x"], interval: 90 * second, timeout: 3 * second / 2, retries: 3))
        #expect(try config("HEALTHCHECK CMD [\"a\"]\n").healthcheck == Healthcheck(test: ["CMD", "a"]))
        #expect(try config("HEALTHCHECK NONE\n").healthcheck == Healthcheck(test: ["NONE"]))
        #expect(Sample.failure("FROM debian\nHEALTHCHECK --timeout=1us CMD a\n")?.code == .badFlag)
        #expect(Sample.failure("FROM debian\nHEALTHCHECK --timeout=99999999h CMD a\n")?.code == .badFlag)
    }

    @Test func authorAndWarning() throws {
        let plan = try Sample.lower("FROM debian\nMAINTAINER Jo <jo@x>\n")
        #expect(plan.config.author == "Jo <jo@x>")
        #expect(plan.warnings.map(\.code) == ["maintainer-deprecated"])
    }

    @Test func warnings() throws {
        #expect(try codes("FROM debian\n", ["X": "1", "BUILDKIT_INLINE_CACHE": "1"]) == ["unused-build-arg"])
        #expect(try codes("FROM debian\nARG X\n", ["X": "1"]).isEmpty)
        #expect(try codes("FROM debian AS a\nARG X\nFROM debian\n", ["X": "1"]).isEmpty)
        let unused = try Sample.lower("FROM debian\n", options: Sample.options(["X": "1", "Y": nil])).warnings
        #expect(
            unused.map(\.description) == [
                "one or more build-args [X, Y] were not consumed: no ARG declares them"
            ])
        #expect(try codes("FROM debian\nCMD ['a', 'b']\n") == ["exec-form-invalid"])
        #expect(try codes("FROM debian\nCMD [\"a\", \"b\n") == ["exec-form-invalid"])
        #expect(try codes("FROM debian\nRUN [ \"$a\" = b ] && c\n").isEmpty)
        #expect(try codes("FROM debian\nRUN [ -f x ]\n").isEmpty)
        #expect(try codes("FROM debian\nRUN a \\\n\n  b\n") == ["empty-continuation"])
        #expect(try codes("FROM debian AS build\nFROM biuld\n") == ["stage-name"])
        #expect(try codes("FROM golang AS golang\n").isEmpty)
        #expect(try codes("FROM x AS a\nFROM z\nFROM y AS z\nCOPY --from=1 a b\n") == ["stage-name"])
    }

    @Test func globalsUsedWithoutDeclaration() throws {
        let code = ["global-arg-undeclared"]
        #expect(try codes("ARG V=1\nFROM debian\nENV A=$V\n") == code)
        #expect(try codes("ARG V=1\nFROM debian\nRUN get $V\n") == code)
        #expect(try codes("ARG V=1\nFROM debian\nRUN get ${V}/x\n") == code)
        #expect(try codes("ARG V=1\nFROM debian\nRUN V=2; get $V\n").isEmpty)
        #expect(try codes("ARG V=1\nFROM debian\nRUN get $VERSION\n").isEmpty)
        #expect(try codes("ARG V=1\nFROM debian\nARG V\nRUN get $V\nENV A=$V\n").isEmpty)
        #expect(try codes("ARG V=1\nFROM debian:$V\n").isEmpty)
        let warning = try Sample.lower("ARG V=1\nFROM debian\nENV A=$V\n").warnings[0]
        #expect(
            warning.description == "Dockerfile:3: V was declared before the first FROM and is not set in this stage; "
                + "add \"ARG V\" to the stage")
    }
}
