import BuildModel

/// What is wrong with a definition, and where.
///
/// `description` shows the place the way a compiler does: the message, the lines around it, a marker, and what to do.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; stable.
    package let code: Code
    /// What is wrong and what was expected, in plain words, without the place.
    package let message: String
    /// What the file is called.
    package let sourceName: String
    /// The lines concerned; nil where it concerns no line (an unknown `--target`).
    package let source: SourceRange?
    /// The lines around the place, numbered and marked; empty where there are none.
    package let excerpt: String
    /// What was probably meant, ready to be put in place of what was written.
    package let suggestion: String?

    package var description: String {
        var text = sourceName
        if let source { text += ":\(source.first)" }
        text += ": \(message)"
        if let suggestion { text += " (did you mean \(suggestion)?)" }
        if !excerpt.isEmpty { text += "\n\(excerpt)" }
        return text
    }
}
