import BuildModel

/// Third pass: one instruction as syntax. Flags and arguments are separated, nothing is checked for sense or expanded.
struct InstructionNode: Sendable, Hashable {
    let keyword: Keyword
    /// As written, each beginning with "--", quotes removed.
    var flags: [ByteText] = []
    var arguments: Arguments
    /// The whole instruction, continuation lines joined.
    let text: ByteText
    let range: SourceRange
    let heredocs: [Heredoc]

    /// What follows the flags, in the forms that the language has.
    enum Arguments: Sendable, Hashable {
        /// The exec form: a JSON array of strings.
        case strings([ByteText])
        /// Words or a single text, as the instruction takes them.
        case words([ByteText])
        /// NAME=value or NAME value.
        case pairs([Pair])
        /// ONBUILD: another instruction.
        indirect case instruction(InstructionNode)
        /// HEALTHCHECK: its kind ("CMD", "NONE"), then the command.
        indirect case check(kind: ByteText, command: Arguments?)
        case none
    }

    /// A name with its value, both before expansion.
    struct Pair: Sendable, Hashable {
        let name: ByteText
        let value: ByteText
        /// Whether "=" stood between them.
        let hasEquals: Bool
    }
}
