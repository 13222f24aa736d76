extension Diagnostic {
    /// The kinds of error, by names that do not change.
    package enum Code: String, Sendable, CaseIterable {
        /// Bytes that no Dockerfile may hold: NUL, or text that is not UTF-8.
        case invalidText = "dockerfile-invalid-text"
        /// The file, an instruction or an expansion is larger than any real one.
        case tooLarge = "dockerfile-too-large"
        /// The file has no instruction.
        case empty = "dockerfile-empty"
        /// An instruction other than ARG stands before the first FROM, or there is no FROM.
        case noFrom = "dockerfile-no-from"
        /// A parser directive is repeated or has a value that it cannot have.
        case badDirective = "dockerfile-bad-directive"
        /// No such instruction.
        case unknownInstruction = "dockerfile-unknown-instruction"
        /// The instruction has no such flag, or the flag no such value.
        case badFlag = "dockerfile-bad-flag"
        /// The arguments do not fit the instruction.
        case badArguments = "dockerfile-bad-arguments"
        /// A here-document without its end.
        case unterminatedHeredoc = "dockerfile-unterminated-heredoc"
        /// A quote without its end.
        case unterminatedQuote = "dockerfile-unterminated-quote"
        /// A `$` expression that cannot be expanded.
        case badSubstitution = "dockerfile-bad-substitution"
        /// `${NAME:?message}` of a variable that is not set.
        case variableRequired = "dockerfile-variable-required"
        /// No such stage.
        case unknownStage = "dockerfile-unknown-stage"
        /// No such `--target`.
        case unknownTarget = "dockerfile-unknown-target"
        /// An image reference that is none.
        case badReference = "dockerfile-bad-reference"
        /// The configuration of a base image was not handed over.
        case missingBase = "dockerfile-missing-base"
        /// Correct, but this builder cannot do it yet.
        case unsupported = "dockerfile-unsupported"
        /// An ONBUILD instruction that a base image must not hold.
        case badTrigger = "dockerfile-bad-trigger"
    }
}
