import BuildModel
import OCISpec

/// A definition as a document, version 1: what `ocibuild plan` prints, `ocibuild build --plan` builds, and any language
/// can write.
public struct ImagePlan: Sendable, Hashable {
    /// What the image is called.
    public struct Identity: Sendable, Hashable {
        /// The user or organisation.
        public var username: String?
        /// The image's own name.
        public var name: String?
        /// The tag; nil for `latest`.
        public var tag: String?
        /// A text about the image, in Markdown.
        public var readme: String?
        /// One sentence about the image.
        public var description: String?

        /// No names.
        public init() {}
    }

    /// What a stage starts from.
    public enum Base: Sendable, Hashable {
        /// An image's reference.
        case image(StepText)
        /// Nothing.
        case scratch
        /// An earlier stage.
        case stage(String)
    }

    /// A base with the steps on it.
    struct Stage: Sendable, Hashable {
        var name: String?
        var base: Base
        var platform: StepText?
        var steps: [PlacedStep] = []
    }

    /// Something that the author should know.
    struct Note: Sendable, Hashable {
        var code: String
        var message: String
        var origin: SourceOrigin?
    }

    /// The version of the document's form.
    public static let version = 1

    /// What the image is called.
    public internal(set) var identity = Identity()
    /// The stage to build; nil for the last.
    public internal(set) var target: String?
    /// Arguments that the bases of stages may use.
    var arguments: [NamedArgument] = []
    var stages: [Stage] = []
    var notes: [Note] = []
    /// What messages call the document.
    var documentName = "plan"
    /// The errors of a plan that a document holds name their place in it.
    var isDocument = false

    init() {}

    /// What the manifest's annotations say of the image.
    public var annotations: [String: String] {
        var annotations: [String: String] = [:]
        annotations[AnnotationKey.readme] = identity.readme
        annotations[AnnotationKey.description] = identity.description
        return annotations
    }

    /// The name that the image gets where the build gives none, `username/name:tag`; nil where it has none.
    public var reference: Reference? {
        guard let name = identity.name else { return nil }
        let repository = identity.username.map { "\($0)/\(name)" } ?? name
        let text = "\(repository):\(identity.tag ?? Reference.defaultTag)"
        return try? Reference(parsing: text)
    }
}
