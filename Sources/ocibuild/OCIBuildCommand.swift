import Glibc

/// The command: reads its words, does what they say, and ends with a status that tells how it went.
@main
struct OCIBuildCommand {
    static func main() async {
        let console = Console()
        let words = Word.ofThisProcess()
        // Before the first await: until then there is one thread, and the kernel lets no process with more go.
        NamespaceChoice.enter(asked: words, console)
        let status = await Interruption.run { await run(words, console) }
        if status == ExitStatus.success, let reason = Console.outputFailure {
            console.note("ocibuild: \(console.style.red("error:")) standard output cannot be written to: \(reason)")
            exit(ExitStatus.builder)
        }
        exit(status)
    }

    /// Does what a command line says; the result is the exit status.
    static func run(_ words: [Word], _ console: Console) async -> Int32 {
        if words.isEmpty {
            console.note(
                HelpPage(width: Console.terminalSize(of: 2).columns, style: console.style).overview(of: VerbTable.all))
            return ExitStatus.usage
        }
        do {
            switch try CommandLineReader.read(words, verbs: VerbTable.all) {
            case .overview:
                console.print(HelpPage(console).overview(of: VerbTable.all))
                return ExitStatus.success
            case .help(let verb):
                console.print(HelpPage(console).page(for: verb))
                return ExitStatus.success
            case .run(let verb, let arguments):
                return try await verb.run(arguments, console)
            }
        } catch {
            return report(error, console)
        }
    }

    /// Says what went wrong; the result is the exit status.
    static func report(_ error: any Error, _ console: Console) -> Int32 {
        if let usage = error as? UsageError {
            console.note("ocibuild: \(usage.message)")
            console.note("Try: \(usage.hint)")
            return ExitStatus.usage
        }
        if error is CancellationError || Task.isCancelled {
            console.note("ocibuild: interrupted")
            return ExitStatus.interrupted
        }
        let label = console.style.red("error:")
        console.note("ocibuild: \(label) \(TerminalText.escapeLines(String(describing: error)))")
        return ExitStatus.builder
    }
}
