import Dockerfile
import ImageDefinition
import LinuxSystem

/// What to build.
public enum Definition: Sendable {
    /// The Dockerfile at this path; relative to the working directory, not to the context.
    case dockerfile(path: String)
    /// A Dockerfile's text. The name is for messages only.
    case text(String, name: String = "Dockerfile")
    /// An image as a value.
    case image(Image)
    /// A plan: the document that any language can write, and `ocibuild plan` prints.
    case plan(ImagePlan)

    /// Reads the plan at this path.
    public static func plan(path: String) throws -> Definition {
        .plan(try ImagePlan(parsing: try FileSystem.readFile(Path(path), limit: 64 << 20), name: path))
    }
}

extension Definition {
    /// What the definition says, ready to be lowered, and the path of the Dockerfile where it is one.
    func parsed() throws -> (document: ParsedDockerfile, path: Path?) {
        switch self {
        case .text(let text, let name):
            return (try ParsedDockerfile(parsing: DockerfileSource(name: name, bytes: Array(text.utf8))), nil)
        case .dockerfile(let path):
            let file = Path(path)
            let bytes = try FileSystem.readFile(file, limit: 64 << 20)
            return (try ParsedDockerfile(parsing: DockerfileSource(name: path, bytes: bytes)), file)
        case .image(let image): return (try image.plan.composed().parsed(), nil)
        case .plan(let plan): return (try plan.composed().parsed(), nil)
        }
    }

    /// The plan, where the definition is one or stands for one.
    var plan: ImagePlan? {
        switch self {
        case .image(let image): image.plan
        case .plan(let plan): plan
        case .dockerfile, .text: nil
        }
    }
}
