import ImageDefinition
import LinuxSystem
import OCIBuild

/// `ocibuild plan`.
enum PlanVerb {
    static let format = Flag.option(
        "format", .choice(["json", "dockerfile"]), in: .result,
        "What to print: the plan, or the Dockerfile that it stands for.")

    static let verb = Verb(
        name: "plan", chapter: .images, summary: "Print a definition as a plan, in JSON",
        details: [
            "A plan is a definition as a document that any language can read and write. `ocibuild build --plan` builds it, and gives the same image as the definition itself."
        ],
        operands: [
            Verb.Operand(
                name: "PATH", count: 0...1,
                help: "The folder with the definition. Default: the current folder. - reads it from standard input.")
        ],
        flags: [BuildFlags.file, BuildFlags.plan, format],
        examples: [
            (line: "ocibuild plan . >plan.json", meaning: "The Dockerfile here as a plan."),
            (line: "ocibuild build --plan plan.json .", meaning: "Build it."),
            (line: "ocibuild plan --plan plan.json --format dockerfile", meaning: "A plan as a Dockerfile."),
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let place = arguments.operands.first ?? Word(".")
        let file = place == Word("-") ? place : arguments.word(BuildFlags.file)
        let text =
            if let plan = arguments.word(BuildFlags.plan) {
                try await DefinitionText.found(plan: plan)
            } else {
                try await DefinitionText.found(file, context: place == Word("-") ? nil : Path(bytes: place.bytes))
            }
        let plan = try text.plan()
        if arguments.text(format) == "dockerfile" {
            console.print(bytes: Array(try plan.dockerfile.utf8))
        } else {
            try console.print(json: plan.document(), pretty: true)
        }
        return ExitStatus.success
    }
}
