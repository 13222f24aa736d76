import BuildModel

/// A Dockerfile that a program makes: instructions appended as values, each with the place in the program that asked
/// for it.
///
/// It is lowered through `parsed`, from the values themselves, so line breaks and quotes arrive as they are. `text` is
/// the file that a person would write for it; built, it gives the same image, except for what `limitations` names.
package struct ComposedDockerfile: Sendable {
    /// What a stage starts from.
    package enum Base: Sendable, Hashable {
        /// An image's reference, or "scratch".
        case image(ComposedWord)
        /// An earlier stage of this file.
        case stage(String)
    }

    enum Entry: Sendable {
        case from(Base, name: String?, platform: ComposedWord?)
        case instruction(ComposedInstruction)
    }

    /// What messages call the whole.
    package let name: String
    private(set) var entries: [(entry: Entry, origin: SourceOrigin?)] = []
    private(set) var warnings: [PlanWarning] = []

    /// Makes an empty file.
    package init(name: String) {
        self.name = name
    }

    /// Begins a stage.
    package mutating func begin(
        from base: Base, name: String? = nil, platform: ComposedWord? = nil, origin: SourceOrigin? = nil
    ) {
        entries.append((.from(base, name: name, platform: platform), origin))
    }

    /// Appends an instruction to the stage begun last; before the first, only ARG may stand.
    package mutating func append(_ instruction: ComposedInstruction, origin: SourceOrigin? = nil) {
        entries.append((.instruction(instruction), origin))
    }

    /// Adds a warning for the plan that the file is lowered to.
    package mutating func warn(_ warning: PlanWarning) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    /// The file as text.
    package var text: String { Composer(self).text.string }

    /// What the text cannot say, a sentence each; the text has them as comments.
    package var limitations: [String] { Composer(self).limitations }

    /// The file, checked and ready to be lowered.
    package func parsed() throws(Diagnostic) -> ParsedDockerfile { try Composer(self).parsed() }
}
