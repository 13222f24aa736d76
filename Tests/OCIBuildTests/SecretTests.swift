import BuildEngine
import LinuxSystem
import OCIBuild
import Testing

/// Secrets reach the step that asks for them and nothing else (THREATS B19).
@Suite("Secrets")
struct SecretTests {
    /// 32 random bytes in hexadecimal: nothing else holds them by chance.
    private static func randomSecret() -> String {
        (0..<4).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }.joined()
    }

    /// The files below a folder that hold the bytes, in any layer of compression that the builder uses.
    private func holders(of secret: String, in workshop: Workshop) throws -> String {
        // Three alignments of base64, without the ends that depend on what stands beside.
        let encoded = try (0..<3).map { shift in
            let text = String(repeating: "x", count: shift) + secret
            let coded = try workshop.shell("printf %s '\(text)' | base64 -w0")
            return String(coded.dropFirst(4).dropLast(4))
        }
        let patterns = ([secret] + encoded).map { "-e '\($0)'" }.joined(separator: " ")
        return try workshop.shell(
            """
            cd ..; grep -raFl \(patterns) store || true
            find store -type f | while read -r f; do zcat "$f" 2>/dev/null | grep -aqF \(patterns) && echo "zcat $f" || true; done
            find store | grep -F \(patterns) || true
            """)
    }

    @Test("a secret is read once, so that all steps of a build have the same")
    func readOnce() async throws {
        let workshop = try await Workshop()
        let file = workshop.scratch.path / "key"
        try FileSystem.writeFile(file, Array("hidden\n".utf8))
        var options = BuildOptions()
        options.secrets = ["key": .file(file.description)]
        let events = EventLog()
        _ = try await workshop.build(
            """
            FROM base
            RUN --mount=type=secret,id=key cat /run/secrets/key
            RUN --mount=type=secret,id=key,required cat /run/secrets/key; echo again
            """, options: options
        ) { event in
            events.add(event)
            if case .stepOutput = event { try? FileSystem.removeTree(file) }
        }
        #expect(!FileSystem.exists(file))
        var output = ""
        for case .stepOutput(_, _, let bytes) in events.all { output += String(decoding: bytes, as: UTF8.self) }
        #expect(output == "hidden\nhidden\nagain\n")
    }

    @Test("a secret is a file in memory or a variable, of the mode and owner that were asked for")
    func shapes() async throws {
        let workshop = try await Workshop(environment: ["HOST_TOKEN": "from the environment"])
        try FileSystem.writeFile(workshop.scratch.path / "key", Array("from a file\n".utf8), mode: 0o600)
        var options = BuildOptions()
        options.secrets = [
            "file": .file("\(workshop.scratch.path)/key"), "token": .environment("HOST_TOKEN"),
            "bytes": .value([0, 0xFF, 0x0A]),
        ]
        let recording = try await workshop.record(
            """
            FROM base
            ENV TOKEN=shadowed
            RUN --mount=type=secret,id=file cat /run/secrets/file; stat -c '%a %u %g %F' /run/secrets/file; \\
                stat -f -c %T /run/secrets/file; (echo x > /run/secrets/file) 2>/dev/null || echo read-only
            RUN --mount=type=secret,id=file,target=/root/.netrc,mode=0440,uid=1000,gid=50,env=KEY \\
                stat -c '%a %u %g' /root/.netrc; test "$(echo "$KEY")" = "$(cat /root/.netrc)" && echo equal
            USER app
            RUN --mount=type=secret,id=file cat /run/secrets/file 2>/dev/null || echo denied
            RUN --mount=type=secret,id=file,uid=1000 cat /run/secrets/file
            RUN --mount=type=secret,id=token,env=TOKEN echo "$TOKEN"; ls /run 2>/dev/null || echo no files
            RUN --mount=type=secret,target=bytes,uid=1000 wc -c < /bytes
            RUN --mount=type=secret,id=absent --mount=type=secret,id=gone,env=GONE \\
                ls /run 2>/dev/null || echo "nothing ${GONE-unset} $TOKEN"
            """, options: options)
        #expect(
            recording.output == """
                from a file
                400 0 0 regular file
                tmpfs
                read-only
                440 1000 50
                equal
                denied
                from a file
                from the environment
                no files
                3
                nothing unset shadowed

                """)
        #expect(try await workshop.layers(recording.image).joined().isEmpty)
        try workshop.expectClean()
    }

    @Test("no secret is found in the store, the history, the output or an error")
    func leaks() async throws {
        let workshop = try await Workshop()
        let secret = Self.randomSecret()
        var options = BuildOptions()
        options.secrets = ["key": .value(Array(secret.utf8))]
        let log = EventLog()
        let steps = """
            FROM base
            RUN --mount=type=secret,id=key --mount=type=secret,id=key,target=/etc/deep/er/key --mount=type=cache,target=/c \\
                --mount=type=tmpfs,target=/tmp test $(wc -c < /run/secrets/key) = \(secret.utf8.count) && cat /etc/deep/er/key > /tmp/x
            RUN --mount=type=secret,id=key,env=KEY test ${#KEY} = \(secret.utf8.count)

            """
        let image = try await workshop.build(steps, options: options) { log.add($0) }
        var failures: [String] = []
        for failing in [
            "RUN --mount=type=secret,id=key,env=KEY exit 7",
            "RUN --mount=type=secret,id=key,env=KEY [\"/no/such/program\"]",
            "RUN --mount=type=secret,id=key,env=KEY --mount=type=secret,id=key,target=/etc/passwd/x true",
            "RUN --mount=type=secret,id=key,target=/etc true",
            "RUN --mount=type=secret,id=key --mount=type=secret,id=other,required true",
        ] {
            let error = await #expect(throws: (any Error).self, "\(failing)") {
                try await workshop.build(steps + failing + "\n", options: options) { log.add($0) }
            }
            var text = ""
            dump(error, to: &text)
            failures.append("\(error.map { "\($0)" } ?? "") \(text)")
        }
        #expect(!failures.contains { $0.contains(secret) })
        var events = ""
        dump(log.all, to: &events)
        #expect(!events.contains(secret))
        var dumped = ""
        dump(options, to: &dumped)
        #expect(!dumped.contains(secret) && !"\(options)".contains(secret))
        #expect(try holders(of: secret, in: workshop) == "")
        let config = try await workshop.details(image).config
        #expect(!config.history.contains { $0.createdBy?.contains(secret) ?? false })
        // The search itself finds what is there.
        _ = try await workshop.build(
            "FROM base\nRUN --mount=type=secret,id=key cp /run/secrets/key /leaked\n", options: options)
        #expect(try holders(of: secret, in: workshop).contains("snapshots"))
        #expect(try holders(of: secret, in: workshop).contains("zcat"))
        try workshop.expectClean()
    }

    @Test("another value is no reason to run a step again; another name is")
    func cacheKey() async throws {
        let workshop = try await Workshop()
        func record(_ id: String, _ value: String) async throws -> Recording {
            var options = BuildOptions()
            options.secrets = [id: .value(Array(value.utf8))]
            return try await workshop.record(
                "FROM base\nRUN --mount=type=secret,id=\(id),env=KEY test -n \"$KEY\"\n", options: options)
        }
        #expect(try await record("a", "one").done.count == 1)
        #expect(try await record("a", "two").done.isEmpty)
        #expect(try await record("b", "two").done.count == 1)
    }

    @Test("a secret that is required and missing, or cannot be had, is told with the flag that gives it")
    func missing() async throws {
        let workshop = try await Workshop(environment: ["SET": "x"])
        func message(_ mount: String, _ secrets: [String: BuildSecret] = [:]) async -> String {
            var options = BuildOptions()
            options.secrets = secrets
            do {
                _ = try await workshop.build("FROM base\nRUN --mount=type=\(mount) true\n", options: options)
                return "it was built"
            } catch {
                return "\(error)"
            }
        }
        #expect(
            await message("secret,id=token,required").contains(
                "the step needs the secret \"token\", which was not given: pass it with --secret id=token,src=FILE"))
        #expect(
            await message("secret,id=t", ["t": .file("/nowhere/at/all")]).contains(
                "/nowhere/at/all, which is not there"))
        #expect(
            await message("secret,id=t", ["t": .environment("UNSET")]).contains(
                "UNSET, which is not in the environment"))
        #expect(await message("secret,id=t", ["t": .file("/etc")]).contains("the secret \"t\" cannot be read"))
        #expect(
            await message("secret,id=t,env=T", ["t": .value([0x61, 0])]).contains(
                "because it is not text: mount it as a file"))
        #expect(await message("secret,id=t,env=T", ["t": .value([0xFF])]).contains("because it is not text"))
        #expect(
            await message("secret,id=t", ["t": .value([UInt8](repeating: 0, count: 600 << 10))]).contains(
                "more than 500 KiB"))
        #expect(await message("secret,id=t", ["unused": .environment("SET")]) == "it was built")
        #expect(await message("ssh,required").contains("pass it with --ssh default"))
        #expect(await message("ssh,id=work,required").contains("pass it with --ssh work=SOCKET"))
    }

    @Test("without mounts a secret is a variable, and never a file on the disk")
    func withoutMounts() async throws {
        let workshop = try await Workshop()
        let secret = Self.randomSecret()
        var options = BuildOptions()
        options.isolation = .chroot
        options.secrets = ["key": .value(Array(secret.utf8))]
        let recording = try await workshop.record(
            "FROM base\nRUN --mount=type=secret,id=key,env=KEY echo ${#KEY}\n", options: options)
        #expect(recording.output == "\(secret.utf8.count)\n")
        let error = await #expect(throws: StepError.self) {
            try await workshop.build("FROM base\nRUN --mount=type=secret,id=key true\n", options: options)
        }
        #expect(error.map { "\($0)" }?.contains("--mount=type=secret,id=key,env=NAME") == true)
        #expect(try holders(of: secret, in: workshop) == "")
        try workshop.expectClean()
    }
}
