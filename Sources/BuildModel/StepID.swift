/// The name of a node inside one plan: its position in `BuildPlan.nodes`.
///
/// It means nothing outside its plan; what names a step across builds is the engine's step key.
package struct StepID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Position in `BuildPlan.nodes`, from 0.
    package let index: Int

    /// Makes the name of the node at `index`.
    package init(index: Int) {
        self.index = index
    }

    package static func < (left: StepID, right: StepID) -> Bool {
        left.index < right.index
    }

    package var description: String { "#\(index)" }
}
