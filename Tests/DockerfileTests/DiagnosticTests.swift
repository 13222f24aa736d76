import BuildModel
import Testing

@testable import Dockerfile

@Suite struct DiagnosticTests {
    @Test func rendering() {
        let error = Sample.failure("FROM debian\n\nRUN make\nCOPPY . /app\nRUN make\n")
        #expect(
            error?.description == """
                Dockerfile:4: unknown instruction "COPPY" (did you mean COPY?)
                  3 | RUN make
                > 4 | COPPY . /app
                  5 | RUN make
                """)
        #expect(error?.code == .unknownInstruction)
    }

    @Test func severalLinesAreMarked() {
        let error = Sample.failure("FROM debian\nCOPY --form=x a \\\n  b\nRUN x\n")
        #expect(
            error?.description == """
                Dockerfile:2: COPY has no flag --form; its flags are --from, --chown, --chmod, --link, --parents, \
                --exclude (did you mean --from?)
                  1 | FROM debian
                > 2 | COPY --form=x a \\
                > 3 |   b
                  4 | RUN x
                """)
    }

    @Test func controlCharactersAreShown() {
        let error = Sample.failure("FROM debian\nFOO \u{1B}[31m\u{7}\n")
        #expect(error?.excerpt.contains("\\x1B[31m\\x07") == true)
        #expect(error?.excerpt.contains("\u{1B}") == false)
    }

    @Test func longExcerptsAreCut() {
        let text = "FROM debian\nFOO a \\\n" + String(repeating: "b \\\n", count: 50) + "c\n"
        let excerpt = Sample.failure(text)?.excerpt ?? ""
        #expect(excerpt.utf8.count { $0 == 0x0A } < 16)
        #expect(excerpt.contains("… up to line 53"))
    }

    @Test(
        arguments: [
            ("", .empty, "the file has no instructions; a Dockerfile begins with FROM image", nil),
            ("# only\n", .empty, "the file has no instructions", nil),
            ("ARG a=1\n", .noFrom, "the file has no FROM; name the image to start from, or FROM scratch", 1),
            ("RUN make\n", .noFrom, "RUN stands before the first FROM; only ARG may", 1),
            ("FROM debian\nENV PATH\n", .badArguments, "ENV PATH has no value; write ENV PATH=value", 2),
            ("FROM debian\nENV a=b c\n", .badArguments, "\"c\" has no \"=\"", 2),
            ("FROM debian\nENV a='b\n", .unterminatedQuote, "a single quote is not closed", 2),
            ("FROM debian\nLABEL a=\"b\n", .unterminatedQuote, "a double quote is not closed", 2),
            ("FROM debian\nCOPY --from=\"a b c\n", .unterminatedQuote, "a quote in a flag of COPY is not closed", 2),
            (
                "FROM debian\nCMD [\"a\", [\"b\"]]\n", .badArguments,
                "the exec form of CMD takes an array of strings only", 2
            ),
            ("FROM debian\nRUN []\n", .badArguments, "RUN needs a command", 2),
            ("FROM debian\nRUN\n", .badArguments, "RUN needs a command", 2),
            ("FROM\n", .badArguments, "FROM needs an image", 1),
            ("FROM a b\n", .badArguments, "FROM takes an image, or an image and a name", 1),
            ("FROM a AS -x\n", .badArguments, "\"-x\" cannot name a stage", 1),
            ("FROM $X\n", .badReference, "FROM $X names nothing after expansion", 1),
            ("FROM Debian!\n", .badReference, "FROM \"Debian!\" is neither a stage nor an image", 1),
            ("FROM --platform=x/y/z/w debian\n", .badFlag, "--platform=x/y/z/w is no platform", 1),
            ("FROM debian\nCOPY a\n", .badArguments, "COPY needs a source and a destination", 2),
            ("FROM debian\nCOPY a b /c\n", .badArguments, "with more than one source the destination", 2),
            ("FROM debian\nCOPY $x /c\n", .badArguments, "the source $x of COPY is empty after expansion", 2),
            ("FROM debian\nCOPY --chmod=rwx a /b\n", .badFlag, "--chmod takes an octal mode", 2),
            ("FROM debian\nCOPY --link=maybe a /b\n", .badFlag, "--link takes true or false, not \"maybe\"", 2),
            ("FROM debian\nCOPY --chown a /b\n", .badFlag, "--chown needs a value", 2),
            ("FROM debian\nCOPY --chown=a --chown=b a /b\n", .badFlag, "--chown is given twice", 2),
            ("FROM debian\nUSER --x a\n", .badFlag, "USER has no flag --x; it takes none", 2),
            ("FROM debian\nCOPY --from=9 a /b\n", .unknownStage, "--from=9: there is no stage of that number", 2),
            ("FROM debian AS a\nCOPY --from=a a /b\n", .unknownStage, "--from=a is the stage itself", 2),
            ("FROM debian\nRUN <<EOF\nx\n", .unterminatedHeredoc, "the here-document is not closed", 2),
            ("FROM debian\nRUN <<a/b\n#!/bin/sh\na/b\n", .badArguments, "the here-document <<a/b of RUN cannot be", 2),
            ("FROM debian\nCOPY <<a/b /x\nx\na/b\n", .badArguments, "the here-document <<a/b of COPY cannot be", 2),
            ("FROM debian\nCOPY <<.. /x\nx\n..\n", .badArguments, "the here-document <<.. of COPY cannot be", 2),
            ("FROM debian\nCOPY a <<EOF\nx\nEOF\n", .badArguments, "the destination of COPY is a path", 2),
            ("FROM debian\nCOPY <<'a b' /x\nx\na b\n", .badArguments, "the word that ends a here-document", 2),
            ("FROM debian\nCOPY <<a <<b /x\na\nb\n", .badArguments, "with more than one source the destination", 2),
            ("FROM debian\nCOPY <<a /x\n${b\na\n", .badSubstitution, "\"\n\" cannot follow a variable's name", 2),
            ("FROM debian\nRUN --device=x y\n", .unsupported, "RUN --device is not supported", 2),
            ("FROM debian\nRUN --security=insecure y\n", .unsupported, "RUN --security=insecure is not supported", 2),
            ("FROM debian\nRUN --network=hots y\n", .badFlag, "--network takes default, none or host", 2),
            ("FROM debian\nCOPY --parents a /b\n", .unsupported, "COPY --parents is not supported yet", 2),
            ("FROM debian\nCOPY --exclude=x a /b\n", .unsupported, "COPY --exclude is not supported yet", 2),
            ("FROM debian\nADD https://a/b /b\n", .unsupported, "ADD of the remote source https://a/b", 2),
            ("FROM debian\nADD git@github.com:a/b /b\n", .unsupported, "ADD of the remote source", 2),
            ("FROM debian\nADD --checksum=sha256:x a /b\n", .unsupported, "ADD --checksum is for remote sources", 2),
            ("FROM debian\nEXPOSE 70000\n", .badArguments, "EXPOSE: \"70000\" is no port", 2),
            ("FROM debian\nEXPOSE 80/icmp\n", .badArguments, "EXPOSE: \"icmp\" is no protocol", 2),
            ("FROM debian\nSHELL /bin/sh\n", .badArguments, "SHELL takes the exec form", 2),
            ("FROM debian\nONBUILD ONBUILD RUN x\n", .badArguments, "ONBUILD cannot follow ONBUILD", 2),
            ("FROM debian\nONBUILD FROM x\n", .badArguments, "FROM cannot follow ONBUILD", 2),
            ("FROM debian\nHEALTHCHECK CONNECT x\n", .badArguments, "HEALTHCHECK knows CMD and NONE", 2),
            ("FROM debian\nHEALTHCHECK --interval=5 CMD x\n", .badFlag, "--interval takes a duration", 2),
            ("FROM debian\nENV a=${b:?needed}\n", .variableRequired, "b: needed", 2),
            ("FROM debian\nENV a=${b\n", .badSubstitution, "\"${\" without the \"}\"", 2),
            ("# escape=x\nFROM debian\n", .badDirective, "the escape character is \"x\"", 1),
            ("# escape=`\n# escape=`\nFROM debian\n", .badDirective, "the directive \"escape\" is given twice", 2),
            ("FROM debian\nRUN a\0b\n", .invalidText, "a NUL byte", 2),
        ] as [(String, Diagnostic.Code, String, Int?)])
    func messages(_ text: String, _ code: Diagnostic.Code, _ message: String, _ line: Int?) {
        let error = Sample.failure(text)
        #expect(error?.code == code, "\(text)")
        #expect(error?.message.hasPrefix(message) == true, "\(text): \(error?.message ?? "no error")")
        #expect(error?.source?.first == line, "\(text)")
    }

    @Test func unknownTarget() {
        let error = Sample.failure("FROM debian AS build\nFROM debian\nFROM debian AS final\n", target: "biuld")
        #expect(error?.code == .unknownTarget)
        #expect(
            error?.description == "Dockerfile: there is no stage \"biuld\" to build; the stages are build, 1, final "
                + "(did you mean build?)")
    }

    @Test func unknownStageListsStages() {
        let error = Sample.failure("FROM debian AS build\nFROM debian\nCOPY --from=buil! a /b\n")
        #expect(error?.code == .unknownStage)
        #expect(error?.message == "--from=buil! is neither a stage nor an image; the stages are build, 1")
        #expect(error?.suggestion == "build")
    }

    @Test func notUTF8() {
        let bytes = Array("FROM debian\nRUN ".utf8) + [0xFF, 0x0A]
        do throws(Diagnostic) {
            _ = try ParsedDockerfile(parsing: DockerfileSource(name: "sub/My.Dockerfile", bytes: bytes))
            Issue.record("it was read")
        } catch {
            #expect(error.code == .invalidText)
            #expect(error.description.hasPrefix("sub/My.Dockerfile:2: bytes that are not UTF-8"))
        }
    }

    @Test func circles() {
        let error = Sample.failure("FROM debian AS a\nCOPY --from=b x /x\nFROM debian AS b\nCOPY --from=a x /x\n")
        #expect(error?.code == .unknownStage)
        #expect(error?.message.hasSuffix("need one another") == true)
    }

    // The limit tells a hang from a busy machine; it measures nothing.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            String(repeating: "x", count: 5 << 20),
            "FROM debian\nRUN " + String(repeating: "x", count: (1 << 20) + 1),
            "FROM debian\n" + String(repeating: "RUN x\n", count: 10_001),
            "FROM debian\nRUN " + String(repeating: "x", count: 140_000),
            "FROM debian\nARG a=0123456789\n" + String(repeating: "ARG a=$a$a\n", count: 40),
            "FROM debian\nARG a=" + String(repeating: "x", count: 100_000) + "\n"
                + String(repeating: "LABEL a=$a\n", count: 1000),
        ])
    func hostileSizes(_ text: String) {
        #expect(Sample.failure(text)?.code == .tooLarge)
    }

    @Test func hostileNesting() {
        let chain = "FROM debian\n" + String(repeating: "ONBUILD ", count: 100_000) + "RUN x\n"
        #expect(Sample.failure(chain)?.code == .badArguments)
        let deep = "FROM debian\nCMD " + String(repeating: "[", count: 100_000) + "\n"
        #expect(Sample.failure(deep) == nil, "not JSON, so it is a text for the shell")
        let stages = (1..<5000).map { "FROM s\($0 - 1) AS s\($0)\n" }.joined()
        #expect(Sample.failure("FROM debian AS s0\n" + stages) == nil)
    }
}
