/// What is left of `DockerfileLimits.expansionCost`.
struct ExpansionBudget: Sendable {
    private var remaining = DockerfileLimits.expansionCost

    mutating func spend(_ cost: Int) throws(ExpansionError) {
        remaining -= cost
        guard remaining >= 0 else {
            throw ExpansionError(
                .tooLarge,
                "expanding the variables of this file takes more than \(DockerfileLimits.expansionCost) "
                    + "steps, far more than any real file")
        }
    }
}
