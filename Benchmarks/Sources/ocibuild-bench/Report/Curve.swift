/// How a cost grows with the amount of something.
struct Curve: Codable {
    struct Point: Codable {
        let amount: Int64
        let seconds: Spread
        var processorSeconds: Spread?
        var peakMemory: Int64?
    }

    struct Line: Codable {
        let name: String
        var points: [Point] = []
    }

    /// What is shown.
    let title: String
    /// What there is an amount of: "files", "layers", "GiB", "steps".
    let unit: String
    var lines: [Line]
}
