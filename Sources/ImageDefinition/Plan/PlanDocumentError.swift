/// What is wrong with a plan, or with a step of an image's definition, and where.
public struct PlanDocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where: the name of the document with the path in it ("plan.json: stages[0].steps[3].rum"), or a line of the
    /// program ("main.swift:12").
    public let place: String
    /// What is wrong and what was expected.
    public let message: String
    /// What was probably meant.
    public let suggestion: String?

    init(_ place: String, _ message: String, suggestion: String? = nil) {
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    /// The error in words.
    public var description: String {
        "\(place): \(message)" + (suggestion.map { "; did you mean \($0)?" } ?? "")
    }
}
