import BuildModel
import Testing

@testable import Dockerfile

/// What BuildKit's documentation and its tests (`dockerfile_heredoc_test.go`) say of here-documents.
@Suite struct HeredocTests {
    private func run(_ text: String) throws -> RunStep {
        try #require(Sample.runs(Sample.lower("FROM debian\n" + text)).last)
    }

    private func files(_ text: String) throws -> [InlineFile] {
        try #require(Sample.copies(Sample.lower("FROM debian\n" + text)).last).inlineFiles
    }

    @Test func aloneItIsTheScript() throws {
        let step = try run("RUN <<EOF\necho $x\n\t\"a\" \\\n  b # c\nEOF\n")
        #expect(step.argv == ["/bin/sh", "-c", "echo $x\n\t\"a\" \\\n  b # c\n"])
        #expect(step.shellForm && step.scripts.isEmpty)
        #expect(try run("RUN 3<<EOF\nx\nEOF\n").argv.last == "x\n")
        #expect(try run("RUN <<\"E O\"\nx\nE O\n").argv.last == "x\n")
        #expect(try run("RUN --network=none <<EOF\nx\nEOF\n").network == NetworkMode.none)
        #expect(try run("RUN <<EOF\nEOF\n").argv.last == "")
        #expect(try run("SHELL [\"/bin/bash\", \"-ec\"]\nRUN <<EOF\nx\nEOF\n").argv == ["/bin/bash", "-ec", "x\n"])
    }

    @Test func tabsAreTakenAway() throws {
        #expect(try run("RUN <<-EOF\n\t\techo a\n\t  echo\tb\n\t\n\tEOF\n").argv.last == "echo a\n  echo\tb\n\n")
        #expect(
            try files("COPY <<-EOF /f\n\t\ta\n\tb\nEOF\n") == [InlineFile(name: "EOF", content: Array("a\nb\n".utf8))])
        #expect(try files("COPY <<EOF /f\n\ta\nEOF\n")[0].content == Array("\ta\n".utf8))
    }

    @Test func anInterpreterIsHonoured() throws {
        let step = try run("RUN <<my.py\n#!/usr/bin/env python3\nprint('$x')\nmy.py\n")
        #expect(step.argv == ["/bin/sh", "-c", "/dev/pipes/my.py"])
        #expect(
            step.scripts
                == [InlineFile(name: "my.py", content: Array("#!/usr/bin/env python3\nprint('$x')\n".utf8))])
        #expect(try run("RUN <<-EOF\n\t#!/bin/cat\n\tx\nEOF\n").scripts[0].content == Array("#!/bin/cat\nx\n".utf8))
        // A different content is a different step.
        let other = try run("RUN <<my.py\n#!/usr/bin/env python3\nprint('y')\nmy.py\n")
        #expect(BuildStep.run(step).definition != BuildStep.run(other).definition)
    }

    @Test func otherwiseTheShellReadsIt() throws {
        #expect(
            try run("RUN cat <<A - <<'B' > /f && true\na $x\nA\n\tb\nB\n").argv.last
                == "cat <<A - <<'B' > /f && true\na $x\nA\n\tb\nB")
        #expect(try run("RUN <<-A cat\n\ta\nA\n").argv.last == "<<-A cat\n\ta\nA")
        #expect(try run("RUN cat <<A \\\n  > /f\na\nA\n").argv.last == "cat <<A   > /f\na\nA")
        #expect(try run("RUN [\"cat\", \"<<EOF\"]\n").argv == ["cat", "<<EOF"])
        #expect(try run("RUN cat <<< x\n").argv.last == "cat <<< x")
    }

    @Test func copiesInlineFiles() throws {
        let plan = try Sample.lower(
            """
            FROM debian
            WORKDIR /app
            ENV who=me
            COPY --chmod=755 a <<one <<"two" conf/
            hello $who '${who}' "\\$who" \\t
            one
            hello $who \\t
            two
            ADD <<EOF x
            EOF
            RUN true
            """)
        let copies = Sample.copies(plan)
        #expect(copies[0].sources == ["a"] && copies[0].destination == "/app/conf/" && copies[0].mode == "755")
        #expect(
            copies[0].inlineFiles == [
                InlineFile(name: "one", content: Array("hello me 'me' \"$who\" t\n".utf8)),
                InlineFile(name: "two", content: Array("hello $who \\t\n".utf8)),
            ])
        #expect(copies[1].sources.isEmpty && copies[1].isAdd && copies[1].destination == "/app/x")
        #expect(copies[1].inlineFiles == [InlineFile(name: "EOF", content: [])])
        #expect(
            plan.history.map(\.createdBy).dropFirst(2)
                == ["COPY --chmod=755 a <<one <<two conf/", "ADD <<EOF x", "RUN /bin/sh -c true"])
        #expect(
            plan.nodes.map(\.title).dropFirst(2) == [
                "COPY --chmod=755 a <<one <<\"two\" conf/ (hello $who '${who}' \"\\$who\" \\t)", "ADD <<EOF x",
                "RUN true",
            ])
    }

    @Test func titleAndHistoryTellTheScript() throws {
        let plan = try Sample.lower("FROM debian\nRUN <<EOF\n\n  apt-get update\n  true\nEOF\n")
        #expect(plan.nodes.last?.title == "RUN <<EOF (apt-get update...)")
        #expect(plan.history.last?.createdBy == "RUN /bin/sh -c \n  apt-get update\n  true\n")
        #expect(plan.nodes.last?.source?.description == "2-6")
    }

    @Test func theArrayFormHasNone() throws {
        let copy = try #require(Sample.copies(Sample.lower("FROM debian\nCOPY [\"<<EOF\", \"/x\"]\n")).last)
        #expect(copy.sources == ["<<EOF"] && copy.inlineFiles.isEmpty)
    }

    @Test func triggersKeepTheirText() throws {
        let child = try Sample.lower(
            """
            FROM debian AS base
            ONBUILD RUN <<EOF
            echo one
            EOF
            ONBUILD COPY <<a <<b /x/
            1
            a
            2
            b
            FROM base
            """)
        #expect(Sample.runs(child).map { $0.argv.last } == ["echo one\n"])
        #expect(Sample.copies(child).flatMap(\.inlineFiles).map(\.name) == ["a", "b"])
        #expect(Sample.failure("FROM debian AS base\nONBUILD RUN a\nFROM base\n") == nil)
    }
}
