import LinuxSystem

/// Why a step's command could not be run. A command that ran and failed is an `ExitStatus`.
package struct SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable name of the kind of failure.
    package enum Code: String, Hashable, Sendable {
        /// The sandbox could not be set up: an operation was refused.
        case setup = "sandbox-setup"
        /// The working directory is missing, or no directory inside the tree.
        case workingDirectory = "working-directory"
        /// The step's user or group has an id that does not exist here.
        case user = "unmapped-user"
        /// The command is not in the tree, or may not be executed.
        case command = "command-not-executable"
        /// The base image has something at a place that the sandbox needs for itself.
        case tree = "unusable-tree"
        /// A mount's target is no place to mount on.
        case mount = "mount-target"
        /// A limit of the step that nothing here can keep.
        case limit = "limit"
        /// The request makes no sense: an empty command, a NUL in a string, a path that is not absolute.
        case request = "invalid-request"
    }

    /// The kind of failure.
    package let code: Code
    /// The path, command or operation that it is about.
    package let subject: String
    /// What was expected and what to do, in plain words.
    package let message: String
    /// The kernel's answer, where there was one.
    package let errno: Errno?
    /// What the step's process was doing, where it was one of the plan's operations.
    let operation: SandboxOperation?

    /// A failure about `subject`.
    package init(_ code: Code, _ subject: String, _ message: String, errno: Errno? = nil) {
        self.init(code, subject, message, errno: errno, operation: nil)
    }

    init(_ code: Code, _ subject: String, _ message: String, errno: Errno?, operation: SandboxOperation?) {
        self.operation = operation
        self.code = code
        self.subject = subject
        self.message = message
        self.errno = errno
    }

    /// The subject and what is wrong with it.
    package var description: String { "\(subject): \(message)" }
}
