/// What to build.
public enum Definition: Sendable {
    /// The Dockerfile at this path; relative to the working directory, not to the context.
    case dockerfile(path: String)
    /// A Dockerfile's text. The name is for messages only.
    case text(String, name: String = "Dockerfile")
}
