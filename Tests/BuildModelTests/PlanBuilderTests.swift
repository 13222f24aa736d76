import BuildModel
import OCISpec
import Testing

@Suite struct PlanBuilderTests {
    private let config = ImageConfig(platform: .host)

    private func base(_ name: String = "debian") -> BuildStep {
        .base(BaseStep(reference: name, platform: .host))
    }

    private func run(_ text: String) -> BuildStep {
        .run(RunStep(argv: ["/bin/sh", "-c", text], shellForm: true))
    }

    @Test func equalWorkMerges() throws {
        var builder = PlanBuilder()
        let a = try builder.add(base(), title: "FROM debian", stage: "a")
        let b = try builder.add(base(), title: "FROM debian", stage: "b")
        #expect(a == b)
        let first = try builder.add(run("make"), inputs: [a], title: "RUN make", stage: "a")
        let second = try builder.add(run("make"), inputs: [b], title: "RUN make", stage: "b")
        #expect(first == second)
        let third = try builder.add(run("make"), inputs: [first], title: "RUN make", stage: "a")
        #expect(third != first, "the same command on another tree is other work")
        #expect(builder.count == 3)
    }

    @Test func textIsComparedAsBytes() throws {
        var builder = PlanBuilder()
        let root = try builder.add(base(), title: "", stage: "")
        let composed = try builder.add(run("touch \u{e9}"), inputs: [root], title: "", stage: "")
        let decomposed = try builder.add(run("touch e\u{301}"), inputs: [root], title: "", stage: "")
        #expect(composed != decomposed)
    }

    @Test func fieldsCannotRunTogether() {
        let one = BuildStep.run(RunStep(argv: ["ab", "c"]))
        let other = BuildStep.run(RunStep(argv: ["a", "bc"]))
        #expect(one.definition != other.definition)
        let owner = BuildStep.copy(CopyStep(sources: ["a"], destination: "/b", owner: "x"))
        let mode = BuildStep.copy(CopyStep(sources: ["a"], destination: "/b", mode: "x"))
        #expect(owner.definition != mode.definition)
    }

    @Test func ambientEnvironmentNamesNothing() {
        let plain = BuildStep.run(RunStep(argv: ["true"]))
        let proxied = BuildStep.run(RunStep(argv: ["true"], ambientEnvironment: ["https_proxy=http://u:p@h"]))
        #expect(plain.definition == proxied.definition)
    }

    @Test func unreachableStepsVanish() throws {
        var builder = PlanBuilder()
        let other = try builder.add(base("golang"), title: "FROM golang", stage: "unused")
        _ = try builder.add(run("go build"), inputs: [other], title: "RUN go build", stage: "unused")
        let scratch = try builder.add(.scratch, title: "FROM scratch", stage: "files")
        let root = try builder.add(base(), title: "FROM debian", stage: "final")
        let copy = try builder.add(
            .copy(CopyStep(sources: ["a"], from: .step(inputIndex: 1), destination: "/a")), inputs: [root, scratch],
            title: "COPY --from=files a /a", stage: "final", source: SourceRange(line: 7))
        let plan = try builder.build(
            target: copy, config: config,
            history: [.empty(createdBy: "ENV A=b"), .step(copy, createdBy: "COPY a /a")], sourceName: "Dockerfile")
        #expect(plan.nodes.map(\.title) == ["FROM scratch", "FROM debian", "COPY --from=files a /a"])
        #expect(plan.nodes.map(\.id.index) == [0, 1, 2])
        #expect(plan.nodes[2].inputs == [StepID(index: 1), StepID(index: 0)])
        #expect(plan.base == StepID(index: 1))
        #expect(plan.target == StepID(index: 2))
        #expect(
            plan.history == [.empty(createdBy: "ENV A=b"), .step(StepID(index: 2), createdBy: "COPY a /a")])
        #expect(plan.lineage(of: plan.target) == [StepID(index: 1), StepID(index: 2)])
        #expect(plan[plan.target].source?.description == "7")
    }

    @Test func mountsAreInputs() throws {
        var builder = PlanBuilder()
        let root = try builder.add(.scratch, title: "FROM scratch", stage: "0")
        let other = try builder.add(run("other"), inputs: [root], title: "RUN other", stage: "1")
        func step(_ mount: RunMount, _ origin: CopySource?) -> BuildStep {
            .run(RunStep(argv: ["x"], mounts: [StepMount(mount, origin: origin)]))
        }
        let bind = RunMount.bind(.init(target: "/a", from: "one"))
        let first = try builder.add(
            step(bind, .step(inputIndex: 1)), inputs: [root, other], title: "RUN x", stage: "0")
        // What the author calls the other tree is no part of what the step means; what it is called with is.
        let renamed = RunMount.bind(.init(target: "/a", from: "two"))
        #expect(
            try builder.add(step(renamed, .step(inputIndex: 1)), inputs: [root, other], title: "RUN x", stage: "0")
                == first)
        let elsewhere = RunMount.bind(.init(target: "/b", from: "one"))
        #expect(
            try builder.add(step(elsewhere, .step(inputIndex: 1)), inputs: [root, other], title: "RUN x", stage: "0")
                != first)
        #expect(try builder.build(target: first, config: config).nodes.count == 3)
        for (mount, origin, inputs, code) in [
            (bind, .step(inputIndex: 1), [root], .wrongInputCount), (bind, .context, [root, other], .wrongInputCount),
            (bind, .step(inputIndex: 0), [root], .invalidStep), (.tmpfs(.init(target: "/")), nil, [root], .invalidStep),
            (.tmpfs(.init(target: "t")), nil, [root], .invalidStep),
        ] as [(RunMount, CopySource?, [StepID], PlanError.Code)] {
            let error = #expect(throws: PlanError.self) {
                try builder.add(step(mount, origin), inputs: inputs, title: "RUN x", stage: "0")
            }
            #expect(error?.code == code)
        }
    }

    @Test func scratchHasNoBase() throws {
        var builder = PlanBuilder()
        let root = try builder.add(.scratch, title: "FROM scratch", stage: "0")
        #expect(try builder.build(target: root, config: config).base == nil)
    }

    @Test func refusals() throws {
        var builder = PlanBuilder()
        let root = try builder.add(.scratch, title: "FROM scratch", stage: "0")
        func code(_ step: BuildStep, _ inputs: [StepID]) -> PlanError.Code? {
            do {
                _ = try builder.add(step, inputs: inputs, title: "step", stage: "0")
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(run("true"), [StepID(index: 9)]) == .unknownInput)
        #expect(code(run("true"), []) == .wrongInputCount)
        #expect(code(.scratch, [root]) == .wrongInputCount)
        let fromStep = CopyStep(sources: ["a"], from: .step(inputIndex: 1), destination: "/b")
        #expect(code(.copy(fromStep), [root]) == .wrongInputCount)
        let wrongIndex = CopyStep(sources: ["a"], from: .step(inputIndex: 2), destination: "/b")
        #expect(code(.copy(wrongIndex), [root, root]) == .invalidStep)
        #expect(code(.run(RunStep(argv: [])), [root]) == .invalidStep)
        #expect(code(.workdir(WorkdirStep(path: "app")), [root]) == .invalidStep)
        #expect(code(.copy(CopyStep(sources: ["a"], destination: "b")), [root]) == .invalidStep)
        #expect(code(.copy(CopyStep(sources: [], destination: "/b")), [root]) == .invalidStep)
        for name in ["", ".", "..", "a/b", "a\0b"] {
            let file = InlineFile(name: name, content: [])
            #expect(code(.copy(CopyStep(sources: [], inlineFiles: [file], destination: "/b")), [root]) == .invalidStep)
            #expect(code(.run(RunStep(argv: ["x"], scripts: [file])), [root]) == .invalidStep)
        }
        #expect(throws: PlanError.self) { try builder.build(target: StepID(index: 5), config: config) }
    }
}
