/// What is known of the image in which a command will run.
package struct CommandContext: Sendable, Hashable {
    /// How the line breaks of the command are read.
    package var rule: NewlineRule
    /// As whom it runs; nil for root, which is also what a base image has that says nothing.
    package var user: String?
    /// The folder in which it runs.
    package var workdir: String
    /// The reference of the image that the stage began from, as it was written; "" if unknown.
    package var base: String
    /// Absolute paths of files and folders that earlier steps added to the image.
    package var addedPaths: [String]
    /// The text of the commands that ran before in this image; they may have made files too.
    package var earlierCommands: [String]
    /// The shell that reads the command, as SHELL gives it.
    package var shell: [String]

    /// Makes a context; what is left out is that of a new image.
    package init(
        rule: NewlineRule = .auto, user: String? = nil, workdir: String = "/", base: String = "",
        addedPaths: [String] = [], earlierCommands: [String] = [], shell: [String] = ["/bin/sh", "-c"]
    ) {
        self.rule = rule
        self.user = user
        self.workdir = workdir
        self.base = base
        self.addedPaths = addedPaths
        self.earlierCommands = earlierCommands
        self.shell = shell
    }

    /// Whether the command runs as root, by name or by number.
    var isRoot: Bool {
        guard let user, let name = user.split(separator: ":", omittingEmptySubsequences: false).first else {
            return true
        }
        return name.isEmpty || name == "root" || (name.allSatisfy { $0 == "0" })
    }
}
