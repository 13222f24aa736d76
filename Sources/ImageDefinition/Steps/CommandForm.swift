/// A command in one of its two forms.
public enum CommandForm: Sendable, Hashable {
    /// A text for the image's shell.
    case shell(String)
    /// A program with its arguments, run without a shell.
    case exec([String])
}
