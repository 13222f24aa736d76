import LinuxSystem
import TestSupport
import Testing

/// `build --plan` and `plan`, by the command.
@Suite struct PlanEndToEndTests {
    private static func plan(_ steps: String, image: String = "{}") -> String {
        #"{"version":1,"image":\#(image),"stages":[{"base":"\#(CommandBench.base)","steps":[\#(steps)]}]}"#
    }

    @Test func aPlanIsBuilt() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(nil, files: ["file": "content"])
        let text = Self.plan(
            #"{"run":"echo $A > /x\necho b >> /x"},{"copy":{"sources":["file"],"destination":"/f"}},{"env":{"name":"A","value":"$x"}}"#,
            image: #"{"username":"me","name":"app","tag":"1"}"#)
        let digest = try await bench.succeed("build", "-q", "--plan", "-", context, input: text)
        let file = bench.folder.path / "plan.json"
        try FileSystem.writeFile(file, Array(text.utf8))
        #expect(try await bench.succeed("build", "-q", "--plan", "\(file)", context) == digest)
        #expect(try await bench.succeed("images").contains("me/app"))
        // The plan's own name is left out where the command line gives one.
        _ = try await bench.succeed("build", "-q", "--plan", "\(file)", "-t", "other:2", context)
        #expect(try await bench.succeed("images").contains("other"))
        // The Dockerfile that it stands for gives the same image.
        let dockerfile = try await bench.succeed("plan", "--plan", "\(file)", "--format", "dockerfile")
        #expect(
            dockerfile == """
                FROM \(CommandBench.base)
                RUN <<EOF
                echo $A > /x
                echo b >> /x
                EOF
                COPY file /f
                ENV A="\\$x"

                """)
        try FileSystem.writeFile(Path(context) / "Dockerfile", Array(dockerfile.utf8))
        #expect(try await bench.succeed("build", "-q", context) == digest)
        // And so does the plan of that Dockerfile.
        let plan = try await bench.succeed("plan", context)
        #expect(plan.hasPrefix("{\n"))
        #expect(try await bench.succeed("build", "-q", "--plan", "-", context, input: plan) == digest)
    }

    @Test func annotations() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context("FROM \(CommandBench.base)\n")
        _ = try await bench.succeed("build", "-q", "-t", "a", "--annotation", "x.y=some text", context)
        #expect(try await bench.succeed("inspect", "a").contains("some text"))
    }

    @Test func errorsNameThePlaceInTheProgram() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let source = #","source":{"file":"chute.py","line":3}"#
        let failing = try await bench.run(
            "build", "--progress", "plain", "--plan", "-", try bench.context(nil),
            input: Self.plan(#"{"run":"exit 7"\#(source)}"#))
        #expect(failing.status == 7)
        #expect(failing.error.contains("\nchute.py:3\n"))
        #expect(failing.error.contains(">>> RUN exit 7"))
        #expect(failing.complaint.contains("chute.py:3: RUN exit 7: the command ended with exit status 7"))
        let wrong = try await bench.run("build", "--plan", "-", input: Self.plan(#"{"rum":"x"}"#))
        #expect(wrong.status == 125)
        #expect(
            wrong.complaint
                == "ocibuild: error: standard input: stages[0].steps[0].rum: unknown step; did you mean run?")
    }

    @Test func usage() async throws {
        let bench = try CommandBench()
        let both = try await bench.run("build", "--plan", "a", "-f", "b")
        #expect(both.status == 2)
        #expect(both.error.contains("--plan and --file name two definitions"))
        let nameless = try await bench.run("build", "--push", "--plan", "-", input: Self.plan(""))
        #expect(nameless.status == 2)
        #expect(nameless.error.contains("--push needs a name to push to"))
        let missing = try await bench.run("build", "--plan", "\(bench.folder.path)/none.json")
        #expect(missing.status == 125)
        #expect(missing.error.contains("none.json"))
    }

    @Test func jsonLinesEndWithTheError() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let source = #","source":{"file":"chute.py","line":3}"#
        let failing = try await bench.run(
            "build", "--progress", "json", "--plan", "-", try bench.context(nil),
            input: Self.plan(#"{"run":"exit 7"\#(source)}"#))
        let last = failing.error.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
        #expect(last.contains(#""event":"error""#) && last.contains(#""status":7"#))
        #expect(last.contains(#""origin":"chute.py:3""#) && last.contains(#""step":2"#))
    }

    @Test func aUserThatNobodyMadeIsPointedOut() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        func warnings(_ user: String) async throws -> String {
            let text = Self.plan(#"{"run":"true"},{"user":"\#(user)"}"#)
            return try await bench.run("build", "--no-cache", "-q", "--plan", "-", try bench.context(nil), input: text)
                .error
        }
        #expect(try await warnings("appuser").contains("warning: USER appuser: the image has no such user"))
        #expect(try await warnings("root").isEmpty)
        #expect(try await warnings("1000:1000").isEmpty)
    }

    /// The schema accepts the examples and what the command prints, and refuses what the reader refuses.
    @Test func theSchema() async throws {
        let bench = try CommandBench()
        let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures"
        let check = """
            set -eu
            mkdir "$WORK/plans"
            for plan in "\(folder)"/plan/examples/*.json; do
                "$OCIBUILD" plan --plan "$plan" > "$WORK/plans/$(basename "$plan")"
            done
            for file in "\(folder)"/dockerfiles/*; do
                "$OCIBUILD" plan "$file" > "$WORK/plans/$(basename "$file").json"
            done
            python3 - "\(folder)/plan/schema.json" "\(folder)"/plan/examples/*.json "$WORK"/plans/*.json <<'END'
            import json, sys
            from jsonschema import Draft7Validator
            schema = json.load(open(sys.argv[1]))
            Draft7Validator.check_schema(schema)
            validator = Draft7Validator(schema)
            for name in sys.argv[2:]:
                validator.validate(json.load(open(name)))
            for step in [{}, {"rum": "x"}, {"run": "x", "cmd": "y"}, {"run": {}}, {"env": {"name": "A"}}]:
                assert not validator.is_valid({"version": 1, "stages": [{"base": "x", "steps": [step]}]}), step
            assert not validator.is_valid({"version": 2, "stages": [{"base": "x"}]})
            print(len(sys.argv) - 2)
            END
            """
        let outcome = try await bench.script(check)
        #expect(outcome.status == 0, "python3-jsonschema is needed: \(outcome.error)")
        #expect((Int(outcome.output.split(separator: "\n").last ?? "") ?? 0) > 30)
    }
}
