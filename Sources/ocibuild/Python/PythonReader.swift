import FoundationEssentials
import Glibc
import LinuxSystem
import OCISpec

/// Has the machine's Python run a definition, and gets the plan of the image that it defines.
struct PythonReader: Sendable {
    /// What went wrong in the definition, as the reader's Python half tells it.
    private struct Trouble: Decodable {
        let message: String
        let hint: String?
        let details: [String]
    }

    /// A plan is text that someone wrote or a program made; none is larger.
    static let planLimit = 32 << 20
    /// How much of what the file prints is shown.
    static let outputLimit = 1 << 20
    /// How long a file may take, in seconds, unless someone says otherwise.
    static let defaultTimeout = 60

    let console: Console
    /// Shows nothing of what the file prints.
    var isQuiet = false
    /// How long the file may take, in seconds.
    var timeout = defaultTimeout

    /// The plan as JSON.
    func plan(of definition: PythonDefinition) async throws -> [UInt8] {
        let cancellation = try GuardedProgram.Cancellation()
        return try await withTaskCancellationHandler {
            try await BlockingPool.shared.run {
                try definition.check()
                return try read(definition, cancellation)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func read(_ definition: PythonDefinition, _ cancellation: GuardedProgram.Cancellation) throws -> [UInt8] {
        let package = try TemporaryDirectory(prefix: "ocibuild-python-")
        try PythonPackage.write(to: package.path)
        let program = GuardedProgram(
            arguments: [
                try interpreter(), "\(package.path / PythonPackage.reader)", "\(definition.file)", definition.module,
                "\(definition.root)", definition.attribute, "\(GuardedProgram.answerDescriptor)",
            ],
            environment: environment(package: package.path), timeoutSeconds: Double(timeout),
            answerLimit: Self.planLimit)
        var printed = PrintedOutput(console: console, isQuiet: isQuiet, limit: Self.outputLimit)
        let result = try run(program, cancellation) { printed.take($0) }
        printed.finish()
        let shown = TerminalText.escape(definition.written)
        switch result.ending {
        case .cancelled: throw CancellationError()
        case .timedOut:
            throw CommandError(
                "\(shown) did not end within \(timeout) seconds, so it was stopped: a definition describes an image and "
                    + "does no work of its own. --definition-timeout allows it more.")
        case .answeredTooMuch:
            throw CommandError("\(shown) describes an image with a plan of more than \(Self.planLimit >> 20) MiB")
        case .exited(let status):
            return try plan(result.answer, status: status, of: shown)
        }
    }

    private func run(
        _ program: GuardedProgram, _ cancellation: GuardedProgram.Cancellation, _ said: ([UInt8]) -> Void
    ) throws -> (ending: GuardedProgram.Ending, answer: [UInt8]) {
        do {
            return try program.run(cancellation: cancellation, said: said)
        } catch {
            guard error.errno == .noEntry || error.errno == .accessDenied else { throw error }
            throw missing(console.variable("OCIBUILD_PYTHON"), error.errno)
        }
    }

    /// The answer is `plan` or `error` on a line, then JSON.
    private func plan(_ answer: [UInt8], status: Int32, of shown: String) throws -> [UInt8] {
        let kind = String(decoding: answer.prefix { $0 != 10 }, as: UTF8.self)
        let document = Array(answer.dropFirst(kind.utf8.count + 1))
        if kind == "plan" { return document }
        guard kind == "error", let trouble = try? JSONDecoder().decode(Trouble.self, from: Data(document)) else {
            let end = status > 128 ? "was ended by signal \(status - 128)" : "ended with status \(status)"
            throw CommandError("Python \(end) before the image of \(shown) was known")
        }
        for line in trouble.details { console.note(TerminalText.escapeLines(line)) }
        throw CommandError([trouble.message, trouble.hint].compactMap { $0 }.joined(separator: "\n  "))
    }

    /// The interpreter's path.
    private func interpreter() throws -> String {
        let named = console.variable("OCIBUILD_PYTHON")
        let name = named ?? "python3"
        if name.contains("/") { return name }
        let folders = (console.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else {
            throw missing(named, Errno.noEntry)
        }
        return "\(folder)/\(name)"
    }

    private func environment(package: Path) -> [String: String] {
        var environment = console.environment
        environment["PYTHONPATH"] = ([package.description] + [console.variable("PYTHONPATH")].compactMap { $0 })
            .joined(separator: ":")
        // No __pycache__ beside the user's files.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment["PYTHONUNBUFFERED"] = "1"
        // What a definition builds on its own account is built by this program.
        if let program = try? FileSystem.readLink("/proc/self/exe") { environment["OCIBUILD"] = "\(program)" }
        return environment
    }

    private func missing(_ named: String?, _ errno: Errno) -> CommandError {
        if let named {
            return CommandError(
                "OCIBUILD_PYTHON names \"\(TerminalText.escape(named))\", which cannot be run: \(errno)")
        }
        return CommandError(
            "a definition in Python needs Python 3.9 or newer, and there is no python3 on the PATH: install it (Debian, "
                + "Ubuntu: apt-get install python3), or let OCIBUILD_PYTHON name one")
    }
}
