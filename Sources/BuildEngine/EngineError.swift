import LinuxSystem

/// Why a build cannot go on, other than a command of its own that failed.
public struct EngineError: Error, Sendable, CustomStringConvertible {
    /// A stable word for the kind of failure.
    public enum Code: String, Sendable {
        case sourceNotFound = "source-not-found"
        case sourceIgnored = "source-ignored"
        case sourceOutsideContext = "source-outside-context"
        case badPattern = "bad-pattern"
        case destinationNotDirectory = "destination-not-directory"
        case noContext = "no-context"
        case unknownUser = "unknown-user"
        case badMode = "bad-mode"
        case missingBase = "missing-base"
        case layerMismatch = "layer-mismatch"
        case isolation = "isolation"
        case mount = "mount"
        case secret = "secret"
        case agent = "ssh-agent"
        case workingDirectory = "working-directory"
        case cacheKey = "cache-key"
    }

    /// The kind of failure.
    public let code: Code
    /// What it is about: a path, a reference, a digest.
    public let subject: String
    /// What is wrong, what was expected, and what to do.
    public let message: String

    /// A failure about `subject`.
    public init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// The value in words, for messages.
    public var description: String { message }
}

/// A step of the definition that failed: where it stands, and why.
public struct StepError: Error, Sendable, CustomStringConvertible {
    /// The step, as in ``BuildEvent/planned(_:)``.
    public let step: StepSummary
    /// First and last line of the step in its definition, where it came from a file.
    public let lines: ClosedRange<Int>?
    /// The place in the program that asked for the step ("main.swift:12"), where a program made the definition.
    public let origin: String?
    /// What went wrong.
    public let cause: any Error

    /// The value in words, for messages.
    public var description: String { (origin.map { "\($0): " } ?? "") + "\(step.title): \(cause)" }
}
