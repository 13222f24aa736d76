/// Something that is measured for a threshold.
struct Metric: Sendable {
    let name: String
    let unit: String
    /// The limit over what was measured, when it is renewed.
    let margin: Double
    /// A limit that stands whatever was measured: a promise.
    var promise: Double?
    let measure: @Sendable (BenchSession) throws -> Double
}
