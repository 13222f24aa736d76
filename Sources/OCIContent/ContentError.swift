/// What went wrong with stored content: which blob or image, where, and what helps.
public struct ContentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; stable, so that callers may branch on it.
    public enum Code: String, Sendable {
        case blobMissing = "blob-missing"
        case blobCorrupt = "blob-corrupt"
        case digestMismatch = "digest-mismatch"
        case sizeMismatch = "size-mismatch"
        case digestUnsupported = "digest-unsupported"
        case documentInvalid = "document-invalid"
        case documentTooLarge = "document-too-large"
        case imageMissing = "image-missing"
        case imageAmbiguous = "image-ambiguous"
        case platformMissing = "platform-missing"
        case layoutInvalid = "layout-invalid"
        case archiveInvalid = "archive-invalid"
        case storeUnsafe = "store-unsafe"
        case storeBusy = "store-busy"
    }

    /// The kind of failure.
    public let code: Code
    /// The digest, reference or path concerned.
    public let subject: String
    /// What was found and expected, and what to do.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// The value in words, for messages.
    public var description: String { "\(subject): \(message)" }
}
