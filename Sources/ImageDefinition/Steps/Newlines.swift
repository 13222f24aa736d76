/// What line breaks in the command of a RUN step mean.
public enum Newlines: String, Sendable, Hashable, CaseIterable {
    /// The text goes to the shell as it is.
    case literal
    /// Common indentation is dropped, and lines are joined that would otherwise be a syntax error or install nothing;
    /// all else stays.
    case auto
    /// The lines are joined into one.
    case folded
}
