/// A value that does not follow its specification: a digest, a reference, a platform or a JSON document.
public struct SpecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of rule was broken; stable, so that callers may branch on it.
    public enum Code: String, Sendable {
        case digestFormat = "digest-format"
        case digestLength = "digest-length"
        case digestUnsupported = "digest-unsupported"
        case referenceEmpty = "reference-empty"
        case referenceFormat = "reference-format"
        case referenceUppercase = "reference-uppercase"
        case referenceTooLong = "reference-too-long"
        case platformFormat = "platform-format"
        case documentTooLarge = "document-too-large"
        case documentEncoding = "document-encoding"
        case documentSyntax = "document-syntax"
        case documentAmbiguous = "document-ambiguous"
        case documentContent = "document-content"
    }

    /// The broken rule.
    public let code: Code
    /// The offending value or the place in the document, cut to a length fit for a message.
    public let subject: String
    /// What was expected, in plain words.
    public let message: String

    /// Makes an error; `subject` longer than 200 characters is cut.
    public init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject.unicodeScalars.count > 200 ? String(subject.prefix(200)) + "…" : subject
        self.message = message
    }

    /// The value in words, for messages.
    public var description: String {
        "\(subject.isEmpty ? "\"\"" : subject): \(message)"
    }
}
