/// A name with its value, for ENV and LABEL.
public struct NamedText: Sendable, Hashable {
    /// The name.
    public var name: StepText
    /// The value.
    public var value: StepText

    /// Makes a pair.
    public init(_ name: StepText, _ value: StepText) {
        self.name = name
        self.value = value
    }
}

/// A build argument, with its default where it has one.
public struct NamedArgument: Sendable, Hashable {
    /// The name.
    public var name: StepText
    /// The value where the build gives none.
    public var defaultValue: StepText?

    /// Makes an argument.
    public init(_ name: StepText, defaultValue: StepText? = nil) {
        self.name = name
        self.defaultValue = defaultValue
    }
}
