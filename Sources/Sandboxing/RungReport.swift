/// Whether one rung of the ladder can be used here.
package struct RungReport: Hashable, Sendable {
    /// The rung.
    package let isolation: Isolation
    /// Whether it works here.
    package let available: Bool
    /// What was tried and what came of it.
    package let reason: String
    /// What would make it available, where something would.
    package let remedy: String?

    /// A finding about one rung.
    package init(_ isolation: Isolation, available: Bool, reason: String, remedy: String? = nil) {
        self.isolation = isolation
        self.available = available
        self.reason = reason
        self.remedy = remedy
    }
}
