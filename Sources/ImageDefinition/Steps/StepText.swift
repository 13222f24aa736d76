/// A text of a step: taken as it stands, or with a Dockerfile's variables expanded.
///
/// A string literal in Swift is a literal text, so `withEnv("PRICE", "$5")` sets exactly that.
public enum StepText: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Every character stands for itself; line breaks, quotes and `$` are allowed.
    case literal(String)
    /// A Dockerfile's word: `$NAME`, `${NAME:-default}`, quotes and backslashes mean what they mean there.
    case expanding(String)

    /// A literal text.
    public init(stringLiteral value: String) { self = .literal(value) }

    /// The characters, without regard to what they mean.
    public var text: String {
        switch self {
        case .literal(let text), .expanding(let text): text
        }
    }
}
