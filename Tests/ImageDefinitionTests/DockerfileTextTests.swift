import BuildModel
import Dockerfile
import OCISpec
import Testing

@testable import ImageDefinition

/// The Dockerfile that an image stands for lowers to what the image itself lowers to.
@Suite struct DockerfileTextTests {
    static func image() throws -> Image { try Image(username: "me", name: "app").fromBase("debian:12") }

    /// Texts that a careless writer of Dockerfiles would break.
    static let nasty = [
        "", " ", "plain", "two words", "  edges  ", "tab\there", "$HOME", "${HOME:-x}", "$$", "a$", "'", "''", "it's",
        "\"", "\"quoted\"", "\\", "\\\\", "ends in \\", "a\\nb", "`date`", "#no comment", "a # b", "<<EOF", "cat <<EOF",
        "--flag", "-x", "[\"a\"]", "[", "a=b", "=", "ü\u{308}", "💡", "\r", "a\rb", "\u{1}", "*.txt", "a,b", "{x}",
        "\\$x", "\\\"", "'$x'", "~", "&&", "a\\", "%s", "\u{FEFF}", "EOF",
    ]

    @Test(arguments: nasty)
    func values(_ text: String) throws {
        var image = try Self.image().withLabel("x", text).withEnv("V", text).withCmd([text, "x", text])
        image = image.withEntrypoint(["e", text]).withArgument("A", defaultValue: text)
            .run("echo \"$V\"").run(arguments: ["a", text]).withShell(["sh", text])
        if !text.isEmpty {
            image = image.setWorkdir(text).setUser(text).withVolume("/v/" + text).withStopSignal(text)
                .copyFile("a" + text, "/b" + text).copyFile(text, "/b").add(text, text + "/", owner: text)
                .withMaintainer("M" + text + ".").withHealthcheck([text], interval: "5s", retries: 2)
        }
        try expectSame(image)
    }

    @Test(arguments: nasty)
    func commands(_ text: String) throws {
        guard text.utf8.contains(where: { ![0x20, 0x0D].contains($0) }) else { return }
        try expectSame(Self.image().run(text))
        try expectSame(Self.image().run(text + "\n"))
        try expectSame(Self.image().run("x\n" + text + "\n\ny"))
        try expectSame(Self.image().run("\n" + text))
        try expectSame(Self.image().runScript(text + "\necho"))
        try expectSame(Self.image().runScript("#!/bin/sh\n" + text))
    }

    @Test func scriptsEndWithALineBreak() throws {
        let lowered = try Lowered(Self.image().run("a\nb").runScript("c\nd"))
        let scripts = lowered.steps.compactMap { step -> String? in
            if case .run(let run) = step { run.argv[2] } else { nil }
        }
        #expect(scripts == ["a\nb\n", "set -e\nc\nd\n"])
    }

    @Test func anotherUserForOneStep() throws {
        try expectSame(Self.image().run("a", user: "root").run("b", user: "app").run("c"))
        try expectSame(Self.image().setUser("app").run("a", user: "root").run("b", user: "app").run("c"))
        let lowered = try Lowered(Self.image().setUser("app").run("a", user: "0").run("b"))
        #expect(
            lowered.history == ["USER app", "USER 0", "RUN /bin/sh -c a", "USER app", "RUN /bin/sh -c b"])
        // Where the base has a user of its own it is put back, which the text cannot know.
        var base = Lowered.base
        base.config.user = "nobody"
        let onNobody = try Lowered(Self.image().run("a", user: "root").run("b"), base: base)
        #expect(onNobody.history == ["USER root", "RUN /bin/sh -c a", "USER nobody", "RUN /bin/sh -c b"])
        #expect(onNobody.config.config.user == "nobody")
    }

    @Test func stages() throws {
        let builder = try Image(username: "me", name: "builder").fromBase("golang").run("make")
        let tools = try Image(username: "me", name: "builder").fromBase("node").run("npm")
        let image = try Image(username: "me", name: "app").fromBase(builder)
            .add(from: tools, "/t", "/t").add(from: builder, "/b", "/b").add(from: "busybox", "/bin/busybox", "/sh")
        try expectSame(image)
        #expect(
            try image.dockerfile == """
                FROM golang AS builder
                RUN make

                FROM node AS builder-2
                RUN npm

                FROM builder AS app
                COPY --from=builder-2 /t /t
                COPY --from=builder /b /b
                COPY --from=busybox /bin/busybox /sh

                """)
    }

    @Test func whatADockerfileCannotSay() throws {
        let image = try Self.image().withLabel("a", "x\ny").withEnv("V", "1\n2")
        let lowered = try Lowered(image)
        #expect(lowered.config.config.labels == ["a": "x\ny"])
        #expect(lowered.config.config.env.last == "V=1\n2")
        #expect(
            try image.dockerfile == """
                FROM debian:12 AS app
                # The value of LABEL a has a line break, which a Dockerfile cannot say.
                LABEL a="x\\ny"
                # The value of ENV V has a line break, which a Dockerfile cannot say.
                ENV V="1\\n2"

                """)
    }

    private func expectSame(_ image: Image, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let text = try image.dockerfile
        let direct = try Lowered(image)
        let parsed = try Lowered(text: text)
        #expect(direct == parsed, "\(text)", sourceLocation: sourceLocation)
        let again = try Lowered(json: String(decoding: image.plan.encoded(), as: UTF8.self))
        #expect(direct == again, "\(text)", sourceLocation: sourceLocation)
    }
}
