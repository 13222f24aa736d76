import LinuxSystem
import OCIBuild
import Testing

/// `RUN --mount`: what a step sees, and that nothing of it is in the layer, on each rung of the sandbox ladder.
@Suite("RUN --mount")
struct MountTests {
    private func options(_ isolation: BuildOptions.IsolationChoice) -> BuildOptions {
        var options = BuildOptions()
        options.isolation = isolation
        return options
    }

    /// The names in the image that the base does not have.
    private func added(_ workshop: Workshop, _ image: BuiltImage) async throws -> String {
        let names = try await workshop.layers(image).joined().compactMap {
            $0.split(separator: " ").prefix(6).last.map(String.init)
        }
        return names.joined(separator: " ")
    }

    @Test("the context can be seen, as COPY would copy it, and not be changed", arguments: Workshop.rungs)
    func context(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("app/main", "one\n")
        try workshop.write("app/secret.key", "hidden\n")
        try workshop.write("other", "unrelated\n")
        try workshop.write(".dockerignore", "**/*.key\n")
        try workshop.shell("ln -s main app/link; chmod 755 app/main; chown -R 1000:1000 app")
        let dockerfile = """
            FROM base
            WORKDIR /work
            RUN --mount=type=bind,source=app,target=/src/deep \\
                cd /src/deep && ls -A && cat link && stat -c '%u %g %a %Y' main && cat main > /work/out
            RUN --mount=target=. ls; ls -A /work
            """
        let first = try await workshop.record(dockerfile, options: options(isolation))
        #expect(first.output == "link\nmain\none\n0 0 755 315532801\napp\nother\n.dockerignore\napp\nother\n")
        let names = try await added(workshop, first.image)
        #expect(names == "work/ work/ work/out")
        // Content and mode count, times and what is not mounted do not.
        try workshop.shell("touch app/main")
        try workshop.write("app/secret.key", "hidden anew\n")
        #expect(try await workshop.record(dockerfile, options: options(isolation)).done.isEmpty)
        try workshop.write("other", "changed\n")
        #expect(try await workshop.record(dockerfile, options: options(isolation)).done.count == 1)
        try workshop.write("app/main", "two\n")
        let second = try await workshop.record(dockerfile, options: options(isolation))
        #expect(second.done.count == 2)
        #expect(try await workshop.text("work/out", of: second.image) == "two\n")
        try workshop.expectClean()
    }

    @Test("what is written to a mount is gone afterwards", arguments: Workshop.rungs)
    func discarded(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("file", "context\n")
        let recording = try await workshop.record(
            """
            FROM base AS stage
            RUN mkdir /data && echo stage > /data/a && echo b > /data/b
            RUN rm /data/b
            FROM base
            RUN mkdir /over && echo image > /over/own
            RUN --mount=target=/m,rw --mount=from=stage,source=/data,target=/over,rw --mount=type=tmpfs,target=/tmp \\
                cat /m/file /over/a; ls /over; \\
                echo x > /m/file; echo y > /m/new; rm /over/a; echo z > /over/z; echo t > /tmp/t; echo done > /result
            RUN --mount=target=/m cat /m/file; ls /m /over /tmp
            """, options: options(isolation))
        #expect(
            recording.output
                == "context\nstage\na\ncontext\nfile\n/over:\nown\n\n/tmp:\n".replacing(
                    "context\nfile", with: "context\n/m:\nfile\n"))
        let names = try await added(workshop, recording.image)
        #expect(names == "./ over/ over/own ./ result")
        #expect(try workshop.shell("ls; cat file") == "file\ncontext\n")
        try workshop.expectClean()
    }

    @Test("a read-only mount refuses to be written to, where there are mounts")
    func readOnly() async throws {
        let workshop = try await Workshop()
        try workshop.write("file", "context\n")
        let recording = try await workshop.record(
            """
            FROM base AS stage
            RUN echo stage > /data
            RUN echo more > /more
            FROM base
            RUN --mount=target=/m --mount=from=stage,target=/s --mount=from=base,source=/etc/passwd,target=/p \\
                --mount=type=cache,target=/c,ro \\
                for f in /m/x /m/file /s/x /s/data /p /c/x; do (echo x > $f) 2>/dev/null && echo wrote $f; done; \\
                cat /s/data /s/more; head -n 1 /p; mkdir /s/dir 2>/dev/null || echo refused
            """)
        #expect(recording.output == "stage\nmore\nroot:x:0:0:root:/root:/bin/sh\nrefused\n")
        #expect(try await added(workshop, recording.image).isEmpty)
        try workshop.expectClean()
    }

    @Test("a stage or an image can be mounted, and a change in it is seen", arguments: Workshop.rungs)
    func otherTrees(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        func dockerfile(_ text: String) -> String {
            """
            FROM base AS unused
            RUN echo never; exit 1
            FROM base AS tools
            RUN mkdir -p /opt/bin && printf '#!/bin/sh\\necho \(text) "$@"\\n' > /opt/bin/tool && chmod 755 /opt/bin/tool
            RUN ln -s opt/bin /tools && ln -s ../../../../etc/hostname /escape
            FROM scratch AS target
            RUN --mount=from=base,target=/ro --mount=from=base,source=/bin,target=/bin ["/bin/true"]
            FROM base
            RUN --mount=type=bind,from=tools,source=/tools,target=/usr/local/bin,ro /usr/local/bin/tool with arguments
            COPY --from=target / /
            """
        }
        let first = try await workshop.record(dockerfile("first"), options: options(isolation))
        #expect(first.output == "first with arguments\n")
        #expect(try await added(workshop, first.image).isEmpty)
        #expect(try await workshop.record(dockerfile("first"), options: options(isolation)).done.isEmpty)
        #expect(
            try await workshop.record(dockerfile("second"), options: options(isolation)).output
                == "second with arguments\n")
        let missing = await #expect(throws: StepError.self) {
            try await workshop.build(
                "FROM base AS a\nRUN true\nFROM base\nRUN --mount=from=a,source=/nowhere,target=/x true\n",
                options: options(isolation))
        }
        #expect(missing.map { "\($0)" }?.contains("the source \"nowhere\" is not in stage \"a\"") == true)
        await #expect(throws: (any Error).self, "a link leads nowhere but inside its own stage") {
            try await workshop.build(
                dockerfile("first") + "\nRUN --mount=from=tools,source=/escape,target=/x cat /x\n",
                options: options(isolation))
        }
        for (source, words) in [("../x", "is outside the build context"), ("gone", "is not in the build context")] {
            let error = await #expect(throws: StepError.self) {
                try await workshop.build(
                    "FROM base\nRUN --mount=source=\(source),target=/x true\n", options: options(isolation))
            }
            #expect(error.map { "\($0)" }?.contains(words) == true)
        }
        try workshop.expectClean()
    }

    @Test("mount points leave no trace, nor do links lead them out of the tree", arguments: Workshop.rungs)
    func targets(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("d/file", "mounted\n")
        try FileSystem.makeDirectories(workshop.scratch.path / "canary")
        let canary = workshop.scratch.path / "canary"
        let recording = try await workshop.record(
            """
            FROM base
            RUN mkdir /real /keep && echo own > /keep/own && ln -s real /link && ln -s \(canary) /out && echo f > /file
            RUN ln -s ../../../../../../../../../../../../../../../../..\(canary)2 /up
            RUN --mount=source=d,target=/link/a --mount=source=d,target=/out --mount=source=d,target=/up/x \\
                --mount=source=d,target=../../keep --mount=source=d/file,target=/file --mount=source=d/file,target=/new/file \\
                --mount=source=d,target=/etc/resolv.conf.d --mount=source=d/file,target=/etc/hosts \\
                cat /real/a/file /out/file \(canary)/file /up/x/file /keep/file /file /new/file /etc/hosts; ls /keep
            """, options: options(isolation))
        #expect(recording.output == String(repeating: "mounted\n", count: 8) + "file\n")
        let names = try await added(workshop, recording.image)
        #expect(names == "./ file keep/ keep/own link out real/ ./ up")
        #expect(try DirectoryListing.entries(at: canary).isEmpty)
        // Directories that the step fills stay, mount points in them do not.
        let filled = try await workshop.record(
            """
            FROM base
            RUN --mount=type=tmpfs,target=/root/.cache/pip touch /root/.cache/other /root/.cache/pip/x && chmod 700 /root
            """, options: options(isolation))
        let kept = try await added(workshop, filled.image)
        #expect(kept == "root/ root/.cache/ root/.cache/other")
        try workshop.expectClean()
    }

    @Test("a target that is no place to mount on is refused", arguments: Workshop.rungs)
    func badTargets(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("d/file", "x\n")
        let tree = "FROM base\nRUN ln -s /proc /p && ln -s / /r && ln -s loop /loop && mkfifo /fifo\n"
        for (mount, words) in [
            ("source=d,target=/proc/self", "of /dev, /proc and /sys only /dev/shm"),
            ("source=d,target=/p/self", "leads to /proc/self"), ("source=d,target=/sys", "only /dev/shm"),
            ("source=d,target=/dev", "only /dev/shm"), ("source=d,target=/dev/.ocibuild", "only /dev/shm"),
            ("source=d,target=/r", "leads to /, which is the root"), ("source=d,target=/loop", "cannot be mounted on"),
            ("source=d,target=/etc/passwd", "and a directory is mounted there"),
            ("source=d,target=/etc/passwd/x", "cannot be mounted on"),
            ("source=d,target=/fifo", "and a directory is mounted there"),
            ("source=d/file,target=/etc", "and a file is mounted there"),
            ("type=tmpfs,target=/r/tmp --mount=source=d,target=/tmp", "the target of another mount"),
        ] {
            let error = await #expect(throws: StepError.self, "\(mount)") {
                try await workshop.build(
                    tree + "RUN --mount=\(mount) true\n", options: options(isolation))
            }
            #expect(error.map { "\($0)" }?.contains(words) == true, "\(mount): \(error.map { "\($0)" } ?? "")")
        }
        try workshop.expectClean()
    }

    @Test("one mount may lie within another", arguments: Workshop.rungs)
    func nested(isolation: BuildOptions.IsolationChoice) async throws {
        let workshop = try await Workshop()
        try workshop.write("d/inner/file", "x\n")
        let recording = try await workshop.record(
            """
            FROM base
            RUN --mount=type=cache,target=/m/inner --mount=source=d,target=/m --mount=type=tmpfs,target=/t \\
                --mount=source=d/inner/file,target=/t/a/b --mount=type=tmpfs,target=/dev/shm/x/y \\
                ls /m /m/inner; cat /t/a/b; echo y > /m/inner/kept; echo z > /dev/shm/x/y/z
            RUN --mount=type=cache,target=/m/inner ls /m/inner
            """, options: options(isolation))
        #expect(recording.output == "/m:\ninner\n\n/m/inner:\nx\nkept\n")
        #expect(try await added(workshop, recording.image).isEmpty)
        if isolation == .root {
            let error = await #expect(throws: StepError.self) {
                try await workshop.build(
                    "FROM base\nRUN --mount=source=d,target=/m --mount=type=tmpfs,target=/m/absent true\n")
            }
            #expect(error.map { "\($0)" }?.contains("is not in what is mounted read-only on /m") == true)
        }
        try workshop.expectClean()
    }

    @Test("a tmpfs is in memory, open to all, and no larger than was asked for")
    func memory() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base
            USER app
            RUN --mount=type=tmpfs,target=/t,size=64k \\
                stat -f -c %T /t; stat -c %a /t; head -c 40000 /dev/zero > /t/a && echo fits; \\
                head -c 40000 /dev/zero > /t/b 2>/dev/null || echo full
            """)
        #expect(recording.output == "tmpfs\n1777\nfits\nfull\n")
    }
}
