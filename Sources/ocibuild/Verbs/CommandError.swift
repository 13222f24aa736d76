/// A failure that the command itself found, outside the library.
struct CommandError: Error, CustomStringConvertible {
    /// What is wrong and what to do about it, in one or two sentences.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
