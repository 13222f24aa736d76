import BuildModel
import Dockerfile
import OCISpec

/// An image as a value: a name, what it starts from, and the steps on that. Every method gives a new value and leaves
/// the old one as it was, so functions, loops and conditions compose images freely.
///
/// ```swift
/// let base = try Image(username: "myuser", name: "app", tag: "1.0").fromBase("python:3.11-slim")
/// let image = base.add("src/", "/app/src/").setWorkdir("/app").withCmd(["python", "main.py"])
/// ```
///
/// Names are checked when the value is made; steps when it is built, with the line of the program in the error. An
/// image lowers to the same plan as the Dockerfile that ``dockerfile`` shows, so both share the cache and give the same
/// digest.
public struct Image: Sendable, Hashable {
    /// The base of an image that names none, as the Chutes platform has it.
    public static let defaultBase = "nvidia/cuda:12.2.2-devel-ubuntu22.04"

    /// What an image starts from.
    enum Base: Sendable, Hashable {
        case reference(String, platform: String?)
        indirect case definition(Image)
    }

    /// The user or organisation.
    public let username: String
    /// The image's own name.
    public private(set) var name: String
    /// The tag.
    public private(set) var tag: String
    /// A text about the image, in Markdown; it becomes an annotation of the manifest.
    public let readme: String?
    /// One sentence about the image; it becomes an annotation of the manifest.
    public let description: String?
    var base: Base?
    var placedSteps: [PlacedStep] = []

    /// An image without a base and without steps.
    ///
    /// - Parameters:
    ///   - username: lower-case letters, digits and hyphens, none at either end; at most 63.
    ///   - name: the same rules.
    ///   - tag: letters, digits, "_", "." and "-", beginning with none of the last two; at most 128.
    ///   - readme: a text about the image, in Markdown.
    ///   - description: one sentence about the image.
    /// - Throws: ``PlanDocumentError``, which says which rule the name breaks.
    public init(
        username: String, name: String, tag: String = "latest", readme: String? = nil, description: String? = nil,
        file: String = #fileID, line: Int = #line
    ) throws(PlanDocumentError) {
        for (part, text) in [(ImageName.Part.username, username), (.name, name), (.tag, tag)] {
            if let problem = part.problem(with: text) { throw PlanDocumentError("\(file):\(line)", problem) }
        }
        self.username = username
        self.name = name
        self.tag = tag
        self.readme = readme
        self.description = description
    }

    /// The same image under another name.
    /// - Throws: ``PlanDocumentError``, which says which rule the name breaks.
    public func renamed(
        _ name: String? = nil, tag: String? = nil, file: String = #fileID, line: Int = #line
    ) throws(PlanDocumentError) -> Image {
        for (part, text) in [(ImageName.Part.name, name), (.tag, tag)] {
            if let text, let problem = part.problem(with: text) { throw PlanDocumentError("\(file):\(line)", problem) }
        }
        var image = self
        image.name = name ?? self.name
        image.tag = tag ?? self.tag
        return image
    }

    /// The image with one more step.
    public func appending(_ step: ImageStep, file: String = #fileID, line: Int = #line) -> Image {
        var image = self
        image.placedSteps.append(PlacedStep(step: step, origin: SourceOrigin(file: file, line: line)))
        return image
    }

    /// Without the definitions within it: each may stand in many steps, and in theirs again.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(username)
        hasher.combine(name)
        hasher.combine(tag)
        hasher.combine(placedSteps.count)
    }

    /// `username/name:tag`.
    public var reference: Reference {
        // The names were checked: they are those of a repository on Docker Hub.
        Reference(domain: Reference.defaultDomain, repository: "\(username)/\(name)", tag: tag)
    }
}
