import BuildModel
import Dockerfile
import OCISpec
import ShellText
import Testing

@testable import ImageDefinition

@Suite struct ImageTests {
    static func image() throws -> Image { try Image(username: "me", name: "app").fromBase("debian:12") }

    /// The documents' "layered configuration": each function adds to what it was given, and none changes it.
    @Test func layeredConfigurationGivesThreeImages() throws {
        let base = try Image(username: "myuser", name: "ai-base", tag: "1.0.0")
            .fromBase("nvidia/cuda:11.8.0-runtime-ubuntu22.04")
            .runCommand("apt update && apt install -y python3 python3-pip").withEnv("PYTHONUNBUFFERED", "1")
        func withML(_ image: Image) -> Image {
            image.runCommand("pip3 install numpy").withEnv("TORCH_HOME", "/opt/torch")
        }
        func withNLP(_ image: Image) -> Image {
            image.runCommand("pip3 install spacy").withEnv("TRANSFORMERS_CACHE", "/opt/models")
        }
        let ml = withML(base)
        let nlp = withNLP(ml)
        #expect([base.steps.count, ml.steps.count, nlp.steps.count] == [2, 4, 6])
        #expect(base.env == ["PYTHONUNBUFFERED": "1"])
        #expect(ml.env.keys.sorted() == ["PYTHONUNBUFFERED", "TORCH_HOME"])
        #expect(Set([base, ml, nlp].map(\.planDigest)).count == 3)
        #expect(nlp.steps.starts(with: ml.steps) && ml.steps.starts(with: base.steps))
        let lowered = try [base, ml, nlp].map { try Lowered($0) }
        #expect(lowered.map(\.steps.count) == [2, 3, 4])
        #expect(Array(lowered[2].steps.prefix(3)) == lowered[1].steps, "so that they share the cache")
    }

    @Test func conditionsAndLoops() throws {
        var image = try Self.image()
        for package in ["git", "curl"] { image = image.aptInstall(package) }
        let debug = image.withEnv("DEBUG", "1")
        #expect(image.env.isEmpty && debug.env == ["DEBUG": "1"])
        #expect(image.steps.count == 2)
    }

    @Test func inspection() throws {
        let base = try Self.image().withEnv("A", "1").setWorkdir("srv").withLabel("l", "$x").exposePort(80)
        let image = try Image(username: "me", name: "b").fromBase(base)
            .withEnv("A", "2").withEnv("P", expanding: "$PATH:/x").withWorkdir("app").setUser("1000:1000")
            .withUser("app").withEntrypoint(["e"]).withCmd(["c", "d"]).exposePort(53, "udp").exposePort(80)
        #expect(image.env == ["A": "2", "P": "$PATH:/x"])
        #expect(image.workdir == "/srv/app")
        #expect(image.user == "app")
        #expect(image.labels == ["l": "$x"])
        #expect(image.entrypoint == ["e"])
        #expect(image.cmd == ["c", "d"])
        #expect(image.exposedPorts == ["80/tcp", "53/udp"])
        #expect(base.user == nil && base.cmd == nil && base.entrypoint == nil)
        #expect(try Lowered(image).config.config.env == ["PATH=/usr/bin:/bin", "A=2", "P=/usr/bin:/bin:/x"])
    }

    /// Each of these stands twice in the next: written out they would be millions of millions.
    @Test func definitionsWithinDefinitions() throws {
        var image = try Self.image()
        for _ in 0..<40 {
            image = try Image(username: "me", name: "app").fromBase(image).add(from: image, "/x", "/x")
                .run("x", mounts: [.bind("/", at: "/m", from: .definition(image))])
        }
        #expect(image.plan.stages.count == 41)
        #expect(Set([image, image]).count == 1)
        #expect(try image.plan.composed().parsed().composedStages.count == 41)
    }

    /// FROM scratch is the empty base, whatever stages there are.
    @Test func anImageCalledScratch() throws {
        let base = try Image(username: "me", name: "scratch").fromBase("debian").run("a")
        let image = try Image(username: "me", name: "app").fromBase(base).run("b")
        #expect(try image.dockerfile == "FROM debian AS scratch-2\nRUN a\n\nFROM scratch-2 AS app\nRUN b\n")
        #expect(try Lowered(image).steps.count == 3)
    }

    @Test func whatIsNotWarnedOf() throws {
        func codes(_ image: Image) throws -> [String] {
            try Lowered.plan(image.plan.composed().parsed()).warnings.map(\.code)
        }
        let requirements = "pip install -r /r.txt"
        #expect(try codes(Self.image().run(requirements)) == ["missing-requirements"])
        #expect(try codes(Self.image().run(requirements, mounts: [.bind("r.txt", at: "/r.txt")])) == [])
        #expect(try codes(Self.image().run(requirements, mounts: [.cache("/r.txt")])) == ["missing-requirements"])
        let image = try Self.image().withArgument("U", defaultValue: "root")
        #expect(try codes(image.appending(.user(.expanding("$U"))).run("apt-get update")) == [])
        #expect(try codes(image.appending(.user(.expanding("app"))).run("apt-get update")) == ["needs-root"])
        #expect(try codes(Self.image().runCommand("#!/usr/bin/env python3\nimport a\nb()")) == [])
    }

    @Test func packagesInOneText() throws {
        let image = try Self.image().aptInstall("git\n  curl\tmake")
        #expect(try Lowered(image).history.last?.contains(" git curl make && rm") == true)
    }

    @Test func theDigestIsOfWhatIsSaidNotWhere() throws {
        let one = try Self.image().run("a")
        let same = try Self.image()
            .run("a")
        #expect(one.planDigest == same.planDigest && one == same)
        #expect(one.plan.encoded() != same.plan.encoded())
        #expect(one.planDigest != one.run("a").planDigest)
        #expect(try one.renamed("x").planDigest != one.planDigest)
    }

    @Test func aBaseMayBeSetAnywhere() throws {
        let image = try Image(username: "me", name: "app").run("a").fromBase("debian").run("b").fromBase("alpine")
        #expect(try image.dockerfile == "FROM alpine AS app\nRUN a\nRUN b\n")
    }

    @Test func withoutABaseThereIsOneAndAWarning() throws {
        let image = try Image(username: "me", name: "app").run("a")
        let plan = try Lowered.plan(image.plan.composed().parsed())
        #expect(plan.warnings.map(\.code) == ["default-base"])
        #expect(plan.warnings.first?.description.contains("ImageTests.swift:") == true)
        #expect(plan.warnings.first?.message.contains("starts from nvidia/cuda:12.2.2-devel-ubuntu22.04") == true)
    }

    /// History, log and cache key have the command as it is run; the plan keeps the author's text.
    @Test func lineBreaksOfCommands() throws {
        let text = "\n    apt update && apt install -y\n    git\n    curl\n    && rm -rf /tmp/x\n"
        let image = try Self.image().runCommand(text).runCommand("a\nb", newlines: .folded)
            .runCommand("a\nb", newlines: .literal)
        #expect(
            try Lowered(image).history.map { $0.dropFirst("RUN /bin/sh -c ".count) } == [
                "apt update && apt install -y git curl && rm -rf /tmp/x", "a b", "a\nb\n",
            ])
        guard case .run(let action) = image.steps[0] else { return #expect(Bool(false)) }
        #expect(action.command == .shell(text) && action.newlines == .auto)
        let plan = try Lowered.plan(image.plan.composed().parsed())
        #expect(plan.nodes[1].title == "RUN apt update && apt install -y git curl && rm -rf /tmp/x")
    }

    @Test func packages() throws {
        let image = try Self.image().aptInstall(["a", "b=1.0-2"]).aptInstall("c d", "e").aptRemove("x;y")
        #expect(
            try Lowered(image).history.map { $0.dropFirst("RUN /bin/sh -c ".count) } == [
                "apt-get update && apt-get install -y --no-install-recommends a b=1.0-2 && rm -rf /var/lib/apt/lists/*",
                "apt-get update && apt-get install -y --no-install-recommends c d e && rm -rf /var/lib/apt/lists/*",
                "apt-get remove -y 'x;y' && apt-get autoremove -y",
            ])
    }

    @Test func stagesAreThereOnceAndOnlyWhereNeeded() throws {
        let tools = try Image(username: "me", name: "tools").fromBase("golang").run("make")
        let again = try Image(username: "you", name: "other").fromBase("golang").run("make")
        let image = try Self.image().add(from: tools, "/a", "/a").add(from: again, "/b", "/b")
        #expect(image.plan.stages.map(\.name) == ["tools", "app"])
        // A stage's name never hides an image's.
        let debian = try Image(username: "me", name: "debian").fromBase("debian").run("a")
        let odd = try Image(username: "me", name: "1").fromBase(debian).add(from: "debian", "/x", "/x")
        #expect(odd.plan.stages.map(\.name) == ["debian-2", "stage-1"])
        let lowered = try Lowered(odd)
        #expect(lowered.steps.count == 3)
    }

    @Test func errorsNameTheLineOfTheProgram() throws {
        func message(_ image: Image) -> String {
            do {
                _ = try Lowered.plan(image.plan.composed().parsed())
                return ""
            } catch {
                return "\(error)"
            }
        }
        let image = try Self.image()
        let line = #line + 1
        let workdir = message(image.setWorkdir(""))
        #expect(workdir.hasPrefix("ImageDefinitionTests/ImageTests.swift:\(line): WORKDIR needs a path"))
        #expect(workdir.hasSuffix("> 2 | WORKDIR \"\""))
        #expect(message(image.withEnv("A=B", "c")).hasSuffix("the name of the variable \"A=B\" has an \"=\" in it"))
        #expect(message(image.withEnv("", "c")).hasSuffix("the name of the variable is empty"))
        #expect(message(image.run("  ")).contains("RUN needs a command"))
        #expect(message(image.exposePort(70_000)).contains("EXPOSE: \"70000/tcp\" is no port"))
        #expect(message(image.copyFile("a", "/b", mode: "rwx")).contains("--chmod takes an octal mode"))
        #expect(message(image.withEnv("A", expanding: "${x")).contains("\"${\" without the \"}\""))
        #expect(message(image.withEnv("A", "\u{0}")).contains("a NUL byte"))
        #expect(message(image.fromBase("Not A Name")).contains("is neither a stage nor an image"))
        #expect(message(image.withHealthcheck(["a"], interval: "often")).contains("--interval takes a duration"))
        var copied = CopyAction(["a"], to: "/a")
        copied.checksum = "sha256:0"
        #expect(
            message(image.appending(.copy(copied))).hasSuffix(
                "takes no checksum, kept .git folder or unpacking; use add"))
        #expect(message(image.onBuild("FROM x")).contains("FROM cannot follow ONBUILD"))
        #expect(message(image.onBuild("RUN a\nRUN b")).contains("ONBUILD takes one instruction"))
    }
}
