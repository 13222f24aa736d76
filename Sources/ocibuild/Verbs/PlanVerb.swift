import ImageDefinition
import LinuxSystem
import OCIBuild

/// `ocibuild plan`.
enum PlanVerb {
    static let format = Flag.option(
        "format", .choice(["json", "dockerfile", "digest"]), in: .result,
        "What is printed: the plan (the default), the Dockerfile that it stands for, or the plan's digest, which is the "
            + "same wherever in a file the steps were written.")

    static let verb = Verb(
        name: "plan", chapter: .images, summary: "Show what would be built, as JSON or as a Dockerfile",
        details: [
            "Nothing is built or fetched. `ocibuild build --plan` builds what is printed, so any language can drive the "
                + "builder; the schema is in the documentation."
        ],
        operands: [
            Verb.Operand(
                name: "IMAGE", count: 0...1,
                help: "What a Python file defines: FILE.py:NAME, MODULE:NAME, or FILE.py where it has one image.")
        ],
        flags: [BuildFlags.plan, format, PythonFlags.definitionTimeout, ProgressFlags.quiet],
        examples: [
            (line: "ocibuild plan image.py:image", meaning: "The plan of an image that a Python file defines."),
            (line: "ocibuild plan --plan plan.json --format dockerfile", meaning: "A plan as a Dockerfile."),
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("plan", arguments, console)
        let file = arguments.word(BuildFlags.plan)
        let text: DefinitionText
        switch (arguments.operands.first, file) {
        case (let word?, nil):
            guard let definition = PythonDefinition(word) else {
                throw session.failure(
                    "\"\(word.shown)\" is no Python definition, FILE.py:NAME or MODULE:NAME. A Dockerfile is its own plan"
                )
            }
            text = try await DefinitionText.python(definition, session)
        case (nil, let file?): text = try await DefinitionText.found(plan: file)
        case (nil, nil): throw session.failure("nothing to show: name a Python definition, or a plan with --plan")
        case (_?, _?): throw session.failure("two definitions are given: an operand and --plan")
        }
        guard case .plan(let plan) = text.definition else { return ExitStatus.builder }
        switch arguments.text(format) {
        case "dockerfile": console.print(String(decoding: text.bytes, as: UTF8.self).trimmingLineBreak)
        case "digest": console.print("\(plan.digest)")
        default: console.print(bytes: plan.encoded() + [UInt8(ascii: "\n")])
        }
        return ExitStatus.success
    }
}

extension String {
    /// Without the line break that it ends with.
    fileprivate var trimmingLineBreak: String { hasSuffix("\n") ? String(dropLast()) : self }
}
