import ImageDefinition
import OCIBuild

extension DefinitionText {
    /// The plan of the image that a Python file defines.
    static func python(_ definition: PythonDefinition, _ session: Session) async throws -> DefinitionText {
        let reader = PythonReader(
            console: session.console, isQuiet: session.arguments.isOn(ProgressFlags.quiet),
            timeout: session.arguments.number(PythonFlags.definitionTimeout) ?? PythonReader.defaultTimeout)
        let name = TerminalText.escape(definition.written)
        return try DefinitionText(
            plan: ImagePlan(parsing: try await reader.plan(of: definition), name: name), name: name)
    }

    /// What --debug shows before the build: the plan, and the Dockerfile that it stands for.
    func show(on console: Console) {
        if case .plan(let plan) = definition {
            console.note(TerminalText.escapeLines(String(decoding: plan.encoded(), as: UTF8.self)))
        }
        console.note("\(name):\n\(TerminalText.escapeLines(String(decoding: bytes, as: UTF8.self)))")
    }
}
