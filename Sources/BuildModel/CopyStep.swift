/// Copies files onto its parent tree (`inputs[0]`).
package struct CopyStep: Hashable, Sendable {
    /// Paths or wildcard patterns, relative to the root of `from`.
    package var sources: [String]
    /// Those of `sources` that were written with a "/" before them, for messages: perhaps another image's file is meant.
    package var absoluteSources: Set<String> = []
    /// Files that the definition itself holds, copied after the sources; together with them never empty.
    package var inlineFiles: [InlineFile]
    /// Where the sources are looked up.
    package var from: CopySource
    /// Absolute path in the parent tree, the working directory already joined in. A trailing "/" is kept where it was
    /// written, for it says that the destination is a directory.
    package var destination: String
    /// As written in `--chown` ("user", "1000:1000", "user:group"); nil leaves the default of root.
    package var owner: String?
    /// As written in `--chmod`: octal digits or a symbolic mode; nil keeps the source's mode.
    package var mode: String?
    /// Whether local tar archives among the sources are unpacked, as ADD does.
    package var isAdd: Bool

    /// Makes a step that copies `sources` to `destination`.
    package init(
        sources: [String], inlineFiles: [InlineFile] = [], from: CopySource = .context, destination: String,
        owner: String? = nil, mode: String? = nil, isAdd: Bool = false
    ) {
        self.sources = sources
        self.inlineFiles = inlineFiles
        self.from = from
        self.destination = destination
        self.owner = owner
        self.mode = mode
        self.isAdd = isAdd
    }
}

/// Where a copy finds its sources.
package enum CopySource: Hashable, Sendable {
    /// The build context.
    case context
    /// The tree of another step: the position of that step in the node's `inputs` (1 or more; 0 is the parent).
    case step(inputIndex: Int)
}
