import ImageDefinition
import LinuxSystem
import OCIBuild

/// `ocibuild plan`.
enum PlanVerb {
    static let format = Flag.option(
        "format", .choice(["json", "dockerfile", "digest"]), in: .result,
        "What to print: the plan, the Dockerfile that it stands for, or the plan's digest, which does not depend on where "
            + "in a program the steps are written.")

    static let verb = Verb(
        name: "plan", chapter: .images, summary: "Print a definition as a plan, in JSON",
        details: [
            "A plan is a definition as a document that any language can read and write. `ocibuild build --plan` builds it, and gives the same image as the definition itself. Nothing is built or fetched here."
        ],
        operands: [
            Verb.Operand(
                name: "PATH", count: 0...1,
                help:
                    "The folder with the definition, or an image that a Python file defines: FILE.py:NAME, MODULE:NAME, or FILE.py. Default: the current folder. - reads a Dockerfile from standard input."
            )
        ],
        flags: [BuildFlags.file, BuildFlags.plan, format, PythonFlags.definitionTimeout],
        examples: [
            (line: "ocibuild plan . >plan.json", meaning: "The Dockerfile here as a plan."),
            (line: "ocibuild plan image.py:image", meaning: "The plan of an image that a Python file defines."),
            (line: "ocibuild build --plan plan.json .", meaning: "Build it."),
            (line: "ocibuild plan --plan plan.json --format dockerfile", meaning: "A plan as a Dockerfile."),
        ],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let plan = try await DefinitionText.wanted(by: BuildRequest(Session("plan", arguments, console))).plan()
        switch arguments.text(format) {
        case "dockerfile": console.print(bytes: Array(try plan.dockerfile.utf8))
        case "digest": console.print(plan.digest.description)
        default: try console.print(json: plan.document(), pretty: true)
        }
        return ExitStatus.success
    }
}
