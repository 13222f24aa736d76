import ShellText

/// What a RUN step does.
public struct RunAction: Sendable, Hashable {
    /// Which network the command sees.
    public enum Network: String, Sendable, Hashable, CaseIterable {
        /// What the build's options say.
        case `default`
        /// The machine's own.
        case host
        /// None but the loopback device.
        case none
    }

    /// The command.
    public var command: CommandForm
    /// What line breaks in a shell text mean.
    public var newlines = NewlineRule.literal
    /// Whether the text is a script: it goes to the shell as it is, and ends at the first command that fails.
    public var isScript = false
    /// The file, in `/dev/pipes`, that holds a text beginning with `#!` while its interpreter runs; nil for `EOF`.
    public var scriptName: String?
    /// The user of this step alone; nil for the image's.
    public var user: String?
    /// The network of this step.
    public var network = Network.default
    /// What is mounted while the command runs.
    public var mounts: [MountAction] = []

    /// A step that runs `command`.
    public init(_ command: CommandForm) { self.command = command }
}
