/// Something that the author of a definition should know although the build can go on.
package struct PlanWarning: Sendable, Hashable, CustomStringConvertible {
    /// Stable name of the kind of warning, such as "unused-build-arg".
    package let code: String
    /// One sentence in plain words.
    package let message: String
    /// What messages call the definition.
    package let sourceName: String?
    /// The lines concerned.
    package let source: SourceRange?

    /// Makes a warning.
    package init(code: String, message: String, sourceName: String? = nil, source: SourceRange? = nil) {
        self.code = code
        self.message = message
        self.sourceName = sourceName
        self.source = source
    }

    /// "Dockerfile:3: message", or the message alone where there is no line.
    package var description: String {
        guard let source else { return message }
        return "\(sourceName ?? "line"):\(source.first): \(message)"
    }
}
