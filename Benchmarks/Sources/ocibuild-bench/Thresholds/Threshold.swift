/// A cost that must not grow unnoticed. None is in seconds, which differ from machine to machine.
struct Threshold: Codable {
    /// The metric's name.
    let name: String
    /// What there is so much of.
    let unit: String
    /// What was measured when it was last renewed.
    var measured: Double
    /// What is too much.
    var limit: Double
}
