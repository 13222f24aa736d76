import ImageDefinition
import OCIBuild

extension DefinitionText {
    /// What a command line asks to be built, shown where --debug asks for that.
    static func wanted(by request: BuildRequest) async throws -> DefinitionText {
        let (session, text) = (request.session, try await found(request))
        let ignored = PythonFlags.withoutMeaning(session.arguments)
        if !ignored.isEmpty {
            session.console.warn(
                "\(ignored.joined(separator: " and ")) concern\(ignored.count == 1 ? "s" : "") the Chutes platform, which "
                    + "this build does not speak to")
        }
        if session.arguments.isOn(PythonFlags.debug) { text.show(on: session.console) }
        return text
    }

    private static func found(_ request: BuildRequest) async throws -> DefinitionText {
        if let python = request.python { return try await .python(python, request.session) }
        if let plan = request.plan { return try await .found(plan: plan) }
        return try await .found(request.file, context: request.context)
    }

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
