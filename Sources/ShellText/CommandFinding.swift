/// Something in a command that a shell accepts and its author cannot have meant.
package struct CommandFinding: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of findings, by their stable names.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// `pip install a>=1`: the shell takes `>` for a redirection.
        case unquotedVersion = "unquoted-version"
        /// A package manager, or a removal of system files, after a change to another user than root.
        case needsRoot = "needs-root"
        /// `pip install -r FILE` where nothing put FILE into the image.
        case missingRequirements = "missing-requirements"
        /// Several commands of which only the last one's failure would be noticed.
        case unnoticedFailure = "unnoticed-failure"
        /// PyTorch on a base image for which it has no builds.
        case torchOnAlpine = "torch-on-alpine"
    }

    /// Which kind of finding it is.
    package let code: Code
    /// What is wrong and what would come of it, in plain words.
    package let message: String
    /// What to write instead, or to do; nil where nothing can be offered.
    package let suggestion: String?

    /// The message, and the suggestion after it.
    package var description: String { suggestion.map { "\(message); \($0)" } ?? message }
}
