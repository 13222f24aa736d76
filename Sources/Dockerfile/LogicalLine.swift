import BuildModel

/// One instruction as text: continuation lines joined, comments dropped, here-documents taken off.
struct LogicalLine: Sendable, Hashable {
    /// The joined text, without blanks at either end.
    var text: ByteText
    /// From the first line to the last, here-documents included.
    var range: SourceRange
    /// The here-documents whose content follows the instruction, in order.
    var heredocs: [Heredoc] = []
    /// Whether an empty line stands between continuation lines, which a later version of Docker will refuse.
    var hasEmptyContinuation = false
}
