import BuildModel

/// An instruction that makes sense: flags and arguments are the right ones; variables are not yet expanded.
struct Instruction: Sendable, Hashable {
    let command: Command
    let node: InstructionNode
    /// The user of this step alone, before expansion; only a composed RUN has one.
    var user: ByteText?

    var range: SourceRange { node.range }
    var keyword: Keyword { node.keyword }

    /// The instruction on one line, for progress and errors.
    var title: String {
        let words = node.text.blankSeparated
        let line = ([ByteText(keyword.name.utf8)] + words.dropFirst()).joined(separator: [0x20]).map { $0 }.string
        guard let summary = node.heredocs.first?.summary, !summary.isEmpty else { return line }
        return "\(line) (\(summary))"
    }
}

/// What an instruction says. FROM is the beginning of a `Stage` and not among them.
enum Command: Sendable, Hashable {
    case add(CopyCommand)
    case arg([ArgumentDeclaration])
    case cmd(CommandLine)
    case copy(CopyCommand)
    case entrypoint(CommandLine)
    case env([InstructionNode.Pair])
    case expose([ByteText])
    case healthcheck(HealthcheckCommand)
    case label([InstructionNode.Pair])
    case maintainer(ByteText)
    case onbuild(trigger: ByteText)
    case run(RunCommand)
    case shell([ByteText])
    case stopsignal(ByteText)
    case user(ByteText)
    case volume([ByteText])
    case workdir(ByteText)
}

/// A command in one of its two forms.
enum CommandLine: Sendable, Hashable {
    /// A text for the shell.
    case shell(ByteText)
    /// A program with its arguments.
    case exec([ByteText])
}

/// ARG: a name, with its default where it has one.
struct ArgumentDeclaration: Sendable, Hashable {
    let name: ByteText
    let value: ByteText?
}

/// RUN.
struct RunCommand: Sendable, Hashable {
    var line: CommandLine
    var network: NetworkMode?
    var mounts: [MountFlag] = []
    /// A here-document that names its own interpreter.
    var script: InlineFile?
}

/// COPY and ADD.
struct CopyCommand: Sendable, Hashable {
    var sources: [ByteText]
    var heredocs: [Heredoc] = []
    var destination: ByteText
    var from: ByteText?
    var owner: ByteText?
    var mode: ByteText?
    var unpacks = false
}

/// HEALTHCHECK. Durations are nanoseconds, 0 where none is given.
struct HealthcheckCommand: Sendable, Hashable {
    /// nil for NONE.
    var line: CommandLine?
    var interval: Int64 = 0
    var timeout: Int64 = 0
    var startPeriod: Int64 = 0
    var startInterval: Int64 = 0
    var retries = 0
}
