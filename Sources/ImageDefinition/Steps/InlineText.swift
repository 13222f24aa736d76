/// A file that the definition itself holds.
public struct InlineText: Sendable, Hashable {
    /// Its name, without a folder.
    public var name: String
    /// Its content; in an expanding one quotes are characters like any other. It ends with a line break.
    public var content: StepText

    /// Makes a file.
    public init(_ name: String, _ content: StepText) {
        self.name = name
        self.content = content
    }
}
