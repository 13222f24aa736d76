/// Whether one rung of the ladder can be used here.
package struct RungReport: Hashable, Sendable {
    /// The rung.
    package let isolation: Isolation
    /// Whether it works here.
    package let available: Bool
    /// What was tried and what came of it.
    package let reason: String
    /// What stands against it; nil where it works.
    package let obstacle: RungObstacle?

    /// What keeps one that works from being all that it could be.
    package let hindrances: [RungObstacle]
    /// What its namespaces can have; nil for a rung without any.
    package let traits: NamespaceTraits?

    /// What would make it available, where something would.
    package var remedy: String? { obstacle?.remedy }

    /// A rung that works, and in which way.
    package init(
        _ isolation: Isolation, working reason: String, traits: NamespaceTraits? = nil,
        hindrances: [RungObstacle] = []
    ) {
        self.hindrances = hindrances
        self.traits = traits
        self.isolation = isolation
        available = true
        self.reason = reason
        obstacle = nil
    }

    /// A rung that cannot be used; `detail` says more than the obstacle does.
    package init(_ isolation: Isolation, _ obstacle: RungObstacle, detail: String? = nil) {
        traits = nil
        hindrances = []
        self.isolation = isolation
        available = false
        reason = detail.map { "\(obstacle): \($0)" } ?? obstacle.description
        self.obstacle = obstacle
    }
}
