/// A piece of a shell script at its top level. What is inside quotes, substitutions, `[[ ]]` and arithmetic is part of
/// a word.
struct ShellToken: Hashable {
    enum Kind: Hashable {
        /// A word; a whole `[[ … ]]` or `(( … ))` too.
        case word
        /// `<`, `>>`, `<<-` and so on, with the descriptor's number before it.
        case redirection
        /// `&&`, `;`, `|`, `(`, `;;` and so on.
        case control
        /// From `#` to the end of the line.
        case comment
        /// A line break that ends or continues a command.
        case newline
    }

    let kind: Kind
    /// Its bytes in the text.
    let range: Range<Int>
    /// A word without its quotes, as far as it can be known (expansions stay as written); an operator's spelling
    /// without a descriptor's number; nothing for the rest.
    let value: String
    /// Whether a word stands where the name of a command or a reserved word may stand.
    var startsCommand = false
    /// Whether it belongs to the patterns of a `case`.
    var isPattern = false
    /// How many compound commands are open after it.
    var depth = 0
    /// For a line break, the bodies of the here-documents that begin after it.
    var bodies = 0..<0

    /// Words with which a list of commands goes on: a command follows them.
    static let openers: Set<String> = ["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"]
    /// Words that end a compound command.
    static let closers: Set<String> = ["fi", "done", "esac", "}"]
    /// Words that begin a compound command of another shape.
    static let headers: Set<String> = ["for", "case", "select", "function"]

    /// Whether it is a reserved word in its place.
    var isReserved: Bool {
        kind == .word && startsCommand
            && (Self.openers.contains(value) || Self.closers.contains(value) || Self.headers.contains(value))
    }

    /// Whether a list of commands may end with it.
    var endsCommand: Bool {
        switch kind {
        case .word: !(startsCommand && (Self.openers.contains(value) || Self.headers.contains(value)))
        case .control: value == ")"
        case .redirection, .comment, .newline: false
        }
    }
}
