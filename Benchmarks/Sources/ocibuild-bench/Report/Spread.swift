/// Where the samples of several rounds lie.
struct Spread: Codable, Hashable {
    let median: Double
    let min: Double
    let max: Double

    /// Of at least one sample.
    init(_ samples: [Double]) {
        let sorted = samples.sorted()
        median = sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        min = sorted.first ?? 0
        max = sorted.last ?? 0
    }

    /// `0.0231 (0.0222..0.0301)`.
    var text: String {
        min == max ? median.significant : "\(median.significant) (\(min.significant)..\(max.significant))"
    }
}
