/// What a line break in the text of a command means.
public enum NewlineRule: String, Sendable, Hashable, Codable, CaseIterable {
    /// The text as a person indented it: common indentation goes, and lines are joined where the shell would otherwise
    /// see a syntax error or an installation of nothing. Every script that works is left alone.
    case auto
    /// The text, byte for byte.
    case literal
    /// One command over several lines: a line break outside quotes, substitutions and here-documents is a space, and a
    /// blank line begins a new command. Comments go, since they would swallow what follows.
    case folded
}
