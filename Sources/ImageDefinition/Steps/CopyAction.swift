/// What a COPY or ADD step does.
public struct CopyAction: Sendable, Hashable {
    /// Files, folders or patterns; an ADD takes addresses too.
    public var sources: [StepText]
    /// Files that the definition itself holds, after the sources.
    public var files: [InlineText] = []
    /// Where they go; relative to the working directory. With several sources, or a "/" at its end, a folder.
    public var destination: StepText
    /// Where the sources are; nil for the build context. An ADD has none.
    public var from: StepOrigin?
    /// The files' owner, `user`, `user:group` or numbers; nil for root.
    public var owner: StepText?
    /// The files' mode, octal or symbolic; nil keeps their own.
    public var mode: StepText?
    /// Patterns of what is left out.
    public var exclude: [String] = []
    /// The digest that an address must have; ADD only.
    public var checksum: String?
    /// Whether `.git` stays in a checkout of an address; ADD only.
    public var keepsGitFolder = false
    /// Whether archives are unpacked; nil for the usual, which is yes for ADD's local archives. ADD only.
    public var unpacks: Bool?

    /// A step that copies `sources` to `destination`.
    public init(_ sources: [StepText], to destination: StepText) {
        self.sources = sources
        self.destination = destination
    }
}
