/// What a catalogue cannot do, and why.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; stable, so that callers may branch on it.
    public enum Code: String, Sendable {
        /// A name, id or text that is not of the form it needs.
        case invalid
        /// The name belongs to another image.
        case nameTaken = "name-taken"
        /// There is no such image, or there is none any more.
        case unknownImage = "unknown-image"
        /// The image has no content yet.
        case uncommitted
        /// The image has its content already.
        case committed
        /// An event of a version that this program does not know.
        case newerVersion = "newer-version"
        /// The log in the registry is not what a log can be.
        case damaged
        /// Other writers were faster again and again.
        case busy
        /// No registry, workspace or user is configured, or one is no fit name.
        case notConfigured = "not-configured"
    }

    /// The kind of failure.
    public let code: Code
    /// The image, name or tag concerned.
    public let subject: String
    /// What is wrong and what to do.
    public let message: String

    /// Makes an error.
    package init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// The value in words, for messages.
    public var description: String { subject.isEmpty ? message : "\(subject): \(message)" }
}
