import BuildModel
import OCISpec
import Testing

@testable import Dockerfile

@Suite struct LoweringTests {
    @Test func aWholeFile() throws {
        let plan = try Sample.lower(
            """
            # syntax=docker/dockerfile:1
            FROM debian:12 AS build
            WORKDIR /src
            COPY --chown=1000:1000 --chmod=u=rwX a b ./
            RUN make   all \\
                # a comment
                && make install

            FROM debian:12
            WORKDIR app
            COPY --from=build --link /src/out bin/
            ENV A=1 B="two words"
            USER nobody
            RUN ["/bin/true", "x y"]
            ENTRYPOINT ["/app/bin/out"]
            """)
        #expect(
            plan.nodes.map(\.title) == [
                "FROM debian:12", "WORKDIR /src", "COPY --chown=1000:1000 --chmod=u=rwX a b ./",
                "RUN make all && make install", "WORKDIR app", "COPY --from=build --link /src/out bin/",
                "RUN [\"/bin/true\", \"x y\"]",
            ])
        #expect(plan.nodes.map(\.stage) == ["build", "build", "build", "build", "1", "1", "1"])
        #expect(plan.nodes.map { $0.source?.description } == ["2", "3", "4", "5-7", "10", "11", "14"])
        let copies = Sample.copies(plan)
        #expect(
            copies[0]
                == CopyStep(sources: ["a", "b"], destination: "/src/", owner: "1000:1000", mode: "u=rwX"))
        #expect(copies[1] == CopyStep(sources: ["src/out"], from: .step(inputIndex: 1), destination: "/app/bin/"))
        #expect(plan.nodes[5].inputs == [StepID(index: 4), StepID(index: 3)])
        let runs = Sample.runs(plan)
        #expect(runs[0].argv == ["/bin/sh", "-c", "make   all     && make install"])
        #expect(runs[0].workingDirectory == "/src" && runs[0].shellForm && runs[0].user.isEmpty)
        #expect(runs[1].argv == ["/bin/true", "x y"] && !runs[1].shellForm)
        #expect(runs[1].environment == ["PATH=/usr/bin:/bin", "A=1", "B=two words"])
        #expect(runs[1].user == "nobody" && runs[1].workingDirectory == "/app")
        #expect(plan.config.config.entrypoint == ["/app/bin/out"])
        #expect(plan.config.config.cmd == nil, "ENTRYPOINT resets an inherited CMD")
        #expect(plan.config.created == nil && plan.config.history.isEmpty)
        #expect(
            plan.history.map(\.createdBy) == [
                "WORKDIR /app", "COPY /src/out bin/", "ENV A=1 B=two words", "USER nobody", "RUN /bin/true x y",
                "ENTRYPOINT [\"/app/bin/out\"]",
            ])
        #expect(plan.base == StepID(index: 0))
        #expect(plan.warnings.isEmpty)
    }

    @Test func unneededStagesVanish() throws {
        let text = """
            FROM golang AS unused
            RUN go build
            FROM debian AS a
            RUN one
            FROM a AS b
            RUN two
            FROM node AS c
            COPY --from=b /x /x
            COPY --from=nginx:1.25 /etc/nginx /etc/nginx
            """
        let file = try Sample.parse(text)
        #expect(try file.bases(options: Sample.options()).map(\.reference) == ["debian", "node"])
        #expect(try file.bases(target: "A", options: Sample.options()).map(\.reference) == ["debian"])
        #expect(try file.bases(target: "0", options: Sample.options()).map(\.reference) == ["golang"])
        let plan = try Sample.lower(text)
        #expect(
            plan.nodes.map(\.title) == [
                "FROM debian", "RUN one", "RUN two", "FROM node", "COPY --from=b /x /x", "FROM nginx:1.25",
                "COPY --from=nginx:1.25 /etc/nginx /etc/nginx",
            ])
        #expect(plan.base.map { plan[$0].title } == "FROM node")
        #expect(throws: Diagnostic.self) { try file.lower(options: Sample.options(), bases: [:]) }
    }

    @Test func equalStagesMerge() throws {
        let plan = try Sample.lower(
            "FROM debian AS a\nRUN x\nFROM debian AS b\nRUN x\nRUN y\nFROM b\nCOPY --from=a /x /x\n")
        #expect(plan.nodes.map(\.title) == ["FROM debian", "RUN x", "RUN y", "COPY --from=a /x /x"])
    }

    @Test func aLaterStageMayBeCopiedFrom() throws {
        let plan = try Sample.lower("FROM debian AS a\nCOPY --from=b /x /x\nFROM node AS b\nRUN y\n", target: "a")
        #expect(plan.nodes.map(\.title) == ["FROM node", "RUN y", "FROM debian", "COPY --from=b /x /x"])
    }

    @Test func scratch() throws {
        let plan = try Sample.lower("FROM scratch\nCOPY . /\nWORKDIR /\n")
        #expect(plan.base == nil)
        #expect(plan.config.architecture == "amd64" && plan.config.os == "linux")
        #expect(plan.config.config.env == ["PATH=\(StageState.defaultPath)"])
        #expect(plan.config.config.workingDirectory == "/")
        #expect(Sample.copies(plan) == [CopyStep(sources: ["."], destination: "/")])
        #expect(plan.nodes.count == 2, "the root directory needs no step")
    }

    @Test func earlierStageGivesItsConfiguration() throws {
        let plan = try Sample.lower(
            "FROM debian AS a\nENV X=1\nARG Y=2\nCMD a\nEXPOSE 80\nFROM a\nENTRYPOINT e\nRUN echo\n")
        #expect(Sample.runs(plan)[0].environment == ["PATH=/usr/bin:/bin", "X=1"], "ARG ends with its stage")
        #expect(plan.config.config.cmd == nil)
        #expect(plan.config.config.exposedPorts == ["80/tcp"])
        #expect(plan.history.map(\.createdBy).prefix(2) == ["ENV X=1", "ARG Y=2"])
    }

    @Test func workingDirectories() throws {
        let plan = try Sample.lower(
            "FROM debian\nENV D=deep\nWORKDIR a\nWORKDIR ../b/$D\nWORKDIR /\nWORKDIR ../../c/\nCOPY x .\nCOPY x y\n"
                + "COPY x /y/\nCOPY ../../x z/.\nADD a.tar /\n")
        let paths = plan.nodes.compactMap { node -> String? in
            if case .workdir(let step) = node.step { step.path } else { nil }
        }
        #expect(paths == ["/a", "/b/deep", "/c"])
        #expect(Sample.copies(plan).map(\.destination) == ["/c/", "/c/y", "/y/", "/c/z/", "/"])
        #expect(Sample.copies(plan)[3].sources == ["../../x"], "the context refuses it")
        #expect(Sample.copies(plan).map(\.isAdd) == [false, false, false, false, true])
    }

    @Test func platforms() throws {
        let text = """
            ARG TARGETARCH
            FROM --platform=$BUILDPLATFORM golang AS build
            ARG TARGETOS TARGETARCH TARGETPLATFORM
            RUN echo
            FROM debian-$TARGETARCH
            COPY --from=build /x /x
            """
        let options = LoweringOptions(
            platform: Platform(os: "linux", architecture: "arm64", variant: "v8"), buildPlatform: Sample.platform)
        let file = try Sample.parse(text)
        let bases = try file.bases(options: options)
        #expect(bases.map(\.reference) == ["golang", "debian-arm64"])
        #expect(bases.map(\.platform.description) == ["linux/amd64", "linux/arm64/v8"])
        let plan = try Sample.lower(text, options: options)
        #expect(
            Sample.runs(plan)[0].environment.suffix(3) == [
                "TARGETOS=linux", "TARGETARCH=arm64", "TARGETPLATFORM=linux/arm64/v8",
            ])
    }

    @Test func networkAndShell() throws {
        let plan = try Sample.lower(
            "FROM debian\nRUN --network=none a\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN --network=host b\n"
                + "RUN --network=default --security=sandbox c\nCMD d\n")
        #expect(Sample.runs(plan).map(\.network) == [NetworkMode.none, .host, nil])
        #expect(Sample.runs(plan).map { $0.argv[0] } == ["/bin/sh", "/bin/bash", "/bin/bash"])
        #expect(plan.config.config.cmd == ["/bin/bash", "-ec", "d"])
        #expect(plan.config.config.shell == ["/bin/bash", "-ec"])
    }

    @Test func lineEndsAndByteOrderMark() throws {
        let plan = try Sample.lower("\u{FEFF}FROM debian\r\nRUN a \\\r\n  b\r\nENV X=1\r\n")
        #expect(Sample.runs(plan)[0].argv[2] == "a   b")
        #expect(plan.config.config.env.last == "X=1")
    }

    @Test func triggers() throws {
        var base = Sample.debian
        base.config.onBuild = ["ARG V=1", "COPY . /app", "RUN make \\\n all", "ENV W=$V"]
        let plan = try Sample.lower("FROM python:onbuild\nRUN after\n", options: Sample.options(["V": "2"]), base: base)
        #expect(
            plan.nodes.map(\.title) == ["FROM python:onbuild", "COPY . /app", "RUN make all", "RUN after"])
        #expect(plan.nodes[1].source == SourceRange(line: 1))
        #expect(plan.config.config.env.last == "W=2")
        #expect(plan.config.config.onBuild.isEmpty)
        #expect(plan.warnings.isEmpty)
        let stored = try Sample.lower("FROM debian\nONBUILD RUN  x   y\nONBUILD ENV a=$b\n")
        #expect(stored.config.config.onBuild == ["RUN  x   y", "ENV a=$b"])
        #expect(stored.history.map(\.createdBy) == ["ONBUILD RUN  x   y", "ONBUILD ENV a=$b"])
        let inFile = try Sample.lower("FROM debian AS a\nONBUILD RUN x\nFROM a\nFROM a\nRUN y\n")
        #expect(inFile.nodes.map(\.title) == ["FROM debian", "RUN x", "RUN y"])
        base.config.onBuild = ["FROM x"]
        #expect(throws: Diagnostic.self) { try Sample.lower("FROM debian\n", base: base) }
    }

    @Test func aTriggerMayNeedAStage() throws {
        let file = try Sample.parse("FROM golang AS tools\nRUN t\nFROM app\n")
        let options = Sample.options()
        var app = Sample.debian
        app.config.onBuild = ["COPY --from=tools /x /x"]
        let first = try file.bases(options: options)
        #expect(first.map(\.reference) == ["app"])
        var bases = [first[0]: app]
        let second = try file.bases(options: options, resolved: bases)
        #expect(second.map(\.reference) == ["golang", "app"])
        bases[second[0]] = Sample.debian
        let plan = try file.lower(options: options, bases: bases)
        #expect(plan.nodes.map(\.title) == ["FROM golang", "RUN t", "FROM app", "COPY --from=tools /x /x"])
    }
}
