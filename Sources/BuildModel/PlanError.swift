/// Why a graph of steps is not a plan. A front end that lowers correctly never meets it.
package struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable name of the kind of error.
    package enum Code: String, Sendable {
        /// An input names no earlier step, so the graph would have a cycle or a hole.
        case unknownInput = "plan-unknown-input"
        /// The number of inputs does not fit the kind of step.
        case wrongInputCount = "plan-wrong-input-count"
        /// A field of the step breaks what its declaration promises.
        case invalidStep = "plan-invalid-step"
    }

    /// The kind of error.
    package let code: Code
    /// The title of the step concerned.
    package let subject: String
    /// What is wrong with it.
    package let message: String

    package var description: String { "\(subject): \(message)" }
}
