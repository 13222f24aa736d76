import LinuxSystem
import OCIBuild
import OCIContent
import OCISpec
import Testing

/// Images as values, built: the same steps, cache and digest as the Dockerfile that says the same.
@Suite struct ImageTests {
    static func image(_ name: String = "app") throws -> Image {
        try Image(username: "me", name: name, tag: "1").fromBase("base")
    }

    @Test func anImageAndItsDockerfileGiveOneDigest() async throws {
        let workshop = try await Workshop()
        try workshop.write("file", "content")
        try workshop.write("tree/a b", "x")
        let tools = try Self.image("tools").runCommand("mkdir /out\n&& echo built > /out/version")
        let image = try Self.image()
            .setWorkdir("/app").add(from: tools, "/out/", "./").add("tree", "tree/").copyFile("file", "/f", mode: "600")
            .withEnv("PRICE", "$5 \"now\"").withEnv("PATH", expanding: "$PATH:/opt").withArgument(
                "V", defaultValue: "a b"
            )
            .run("echo \"$PRICE $V\" > /out1").runScript("echo a > /s\nexit 0")
            .run("id -u > /tmp/id", user: "app").setUser("app").exposePort(80).withLabel("l", "'x'")
            .withEntrypoint(["cat", "/f"]).withCmd(["a b"]).withHealthcheck(["true"], interval: "5s")
        let built = try await workshop.builder.build(.image(image), context: workshop.context.string)
        let text = try await workshop.build(try image.dockerfile)
        #expect(built.digest == text.digest)
        let plan = try ImagePlan(parsing: image.plan.encoded())
        let fromPlan = try await workshop.builder.build(.plan(plan), context: workshop.context.string)
        #expect(fromPlan.digest == built.digest)
        #expect(built.tags.map(\.familiar) == ["me/app:1"], "an image is called what it says")
        #expect(text.tags.isEmpty)
        let config = try await workshop.builder.store.config(of: built.config)
        #expect(config.config.env == ["PATH=/bin:/opt", "PRICE=$5 \"now\""])
    }

    @Test func theStepsOfAnImageAreCachedForItsDockerfile() async throws {
        let workshop = try await Workshop()
        let image = try Self.image().run("echo one > /one").run("echo two\necho three")
        _ = try await workshop.builder.build(.image(image), context: nil)
        let cached = Counter()
        _ = try await workshop.build(try image.dockerfile) { event in
            if case .stepCached = event { cached.add() }
        }
        #expect(cached.value == 2)
        let longer = image.run("echo four > /four")
        _ = try await workshop.builder.build(.image(longer), context: nil) { event in
            if case .stepCached = event { cached.add() }
        }
        #expect(cached.value == 4)
    }

    @Test func textsBecomeAnnotations() async throws {
        let workshop = try await Workshop()
        let image = try Image(username: "me", name: "app", readme: "# App", description: "One sentence.")
            .fromBase("base")
        var options = BuildOptions()
        options.annotations = ["a": "b"]
        let built = try await workshop.builder.build(.image(image), context: nil, options: options)
        let manifest = try await workshop.builder.store.manifest(of: built.manifest)
        #expect(
            manifest.annotations == [
                "a": "b", "org.ocibuild.image.readme": "# App", "org.opencontainers.image.description": "One sentence.",
            ])
        let plain = try await workshop.builder.build(.image(try Self.image()), context: nil)
        #expect(plain.config == built.config, "they are no part of the configuration")
    }

    @Test func failuresNameTheLineOfTheProgram() async throws {
        let workshop = try await Workshop()
        let line = #line + 1
        let image = try Self.image().run("true").run("exit 3")
        let error = await #expect(throws: StepError.self) {
            try await workshop.builder.build(.image(image), context: nil)
        }
        #expect(error?.origin == "OCIBuildTests/ImageTests.swift:\(line)")
        #expect(error?.description.hasPrefix("OCIBuildTests/ImageTests.swift:\(line): RUN exit 3: the command") == true)
        #expect((error?.cause as? BuildFailure)?.status == 3)
    }

    @Test func warningsNameTheLineOfTheProgram() async throws {
        let workshop = try await Workshop()
        let log = EventLog()
        let image = try Self.image().runCommand("true || pip install a>=1 b>=2", user: "root")
        let line = #line - 1
        _ = try await workshop.builder.build(.image(image), context: nil, report: log.add)
        let warnings = log.all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("OCIBuildTests/ImageTests.swift:\(line): ") == true)
        #expect(warnings.first?.contains("=") == true)
    }

    @Test func anAbsoluteSourceThatIsNotThereMayBeAnotherImages() async throws {
        let workshop = try await Workshop()
        let image = try Self.image().add("/build/dist/", "/app/")
        let error = await #expect(throws: StepError.self) {
            try await workshop.builder.build(.image(image), context: workshop.context.string)
        }
        #expect(
            error?.description.contains("add(from: image, \"/build/dist\"") == true, "\(String(describing: error))")
    }
}
