import LinuxSystem
import OCIBuild
import Testing

@Suite("Here-documents")
struct HeredocTests {
    @Test("RUN takes scripts, with the interpreter that they name", arguments: Workshop.rungs)
    func scripts(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        var options = BuildOptions()
        options.isolation = isolation
        let dockerfile = """
            FROM base
            ARG word=expanded-by-the-shell
            RUN <<EOF
            echo "$word" > /a
            for i in 1 2; do
            \techo $i >> /a
            done
            EOF
            RUN <<report
            #!/bin/cat
            this text, and $word
            report
            RUN cat <<A - > /b && cat <<'B' >> /b
            $word
            A
            $word
            B
            RUN <<-EOF
            \techo tabs
            \tls /dev/pipes 2>/dev/null || echo no pipes
            EOF
            """
        let first = try await workshop.record(dockerfile, options: options)
        #expect(first.output == "#!/bin/cat\nthis text, and $word\ntabs\nno pipes\n")
        let tree = try await workshop.tree(first.image)
        #expect(
            try workshop.shell("cat \(tree)/a \(tree)/b; ls \(tree)") == """
                expanded-by-the-shell
                1
                2
                expanded-by-the-shell
                $word
                a
                b
                bin
                etc
                root
                tmp

                """)
        #expect(try await workshop.record(dockerfile, options: options).done.isEmpty)
        let changed = try await workshop.record(dockerfile.replacing("this text", with: "that text"), options: options)
        #expect(changed.output == "#!/bin/cat\nthat text, and $word\ntabs\nno pipes\n")
        let history = try await workshop.details(first.image).config.history.map(\.createdBy)
        #expect(history.suffix(4).contains("RUN /bin/sh -c /dev/pipes/report"))
        try workshop.expectClean()
    }

    @Test("a script that fails is told as a whole")
    func failingScript() async throws {
        let workshop = try await Workshop()
        let error = await #expect(throws: StepError.self) {
            try await workshop.build("FROM base\nRUN <<EOF\nset -e\nfalse\necho never\nEOF\n")
        }
        #expect((error?.cause as? BuildFailure)?.status == 1)
        #expect(error?.lines == 2...6)
        #expect(error?.step.title == "RUN <<EOF (set -e...)")
    }

    @Test("COPY and ADD write files that the definition holds")
    func files() async throws {
        let workshop = try await Workshop()
        try workshop.write("real", "real\n")
        func dockerfile(_ text: String) -> String {
            """
            FROM base
            ENV name=world
            COPY <<EOF /etc/motd
            \(text) $name
            EOF
            COPY --chown=1000:50 --chmod=640 real <<one <<'two' /deep/er/
            a "$name"
            one
            b "$name"
            two
            ADD <<archive.tar /etc/
            no archive
            archive.tar
            """
        }
        let first = try await workshop.record(dockerfile("hello"))
        #expect(
            try await workshop.layers(first.image) == [
                ["drwxr-xr-x 0/0 0 1970-01-01 00:00:00 etc/", "-rw-r--r-- 0/0 12 1980-01-01 00:00:01 etc/motd"],
                [
                    "drwxr-xr-x 1000/50 0 1980-01-01 00:00:01 deep/",
                    "drwxr-xr-x 1000/50 0 1980-01-01 00:00:01 deep/er/",
                    "-rw-r----- 1000/50 10 1980-01-01 00:00:01 deep/er/one",
                    "-rw-r----- 1000/50 5 1980-01-01 00:00:01 deep/er/real",
                    "-rw-r----- 1000/50 10 1980-01-01 00:00:01 deep/er/two",
                ],
                ["drwxr-xr-x 0/0 0 1970-01-01 00:00:00 etc/", "-rw-r--r-- 0/0 11 1980-01-01 00:00:01 etc/archive.tar"],
            ])
        let tree = try await workshop.tree(first.image)
        #expect(
            try workshop.shell("cd \(tree); cat etc/motd deep/er/one deep/er/two etc/archive.tar")
                == "hello world\na \"world\"\nb \"$name\"\nno archive\n")
        #expect(try await workshop.record(dockerfile("hello")).done.isEmpty)
        #expect(try await workshop.record(dockerfile("good day")).done.count == 3)
        // Nothing is taken from a context, so none is needed.
        let alone = try await workshop.builder.build(
            .text("FROM scratch\nCOPY <<EOF /f\nx\nEOF\n"), context: nil, options: BuildOptions())
        #expect(try await workshop.text("f", of: alone) == "x\n")
    }

    @Test("a long here-document is a file, and too long a command is told")
    func sizes() async throws {
        let workshop = try await Workshop()
        let line = String(repeating: "x", count: 99)
        let lines = Array(repeating: line, count: 3000).joined(separator: "\n")
        let image = try await workshop.build("FROM base\nCOPY <<EOF /f\n\(lines)\nEOF\n")
        #expect(try await workshop.text("f", of: image).utf8.count == 300_000)
        let error = await #expect(throws: (any Error).self) {
            try await workshop.build("FROM base\nRUN <<EOF\n\(lines)\nEOF\n")
        }
        #expect(error.map { "\($0)" }?.contains("an argument of 300000 bytes") == true)
        let script = try await workshop.record(
            "FROM base\nRUN <<EOF\n#!/usr/bin/wc -c\n\(lines)\nEOF\n".replacing("/usr/bin", with: "/bin"))
        #expect(script.output == "300013 /dev/pipes/EOF\n")
    }
}
