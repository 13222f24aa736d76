import Glibc

/// Where values lie on a logarithmic axis.
struct LogScale {
    let low: Double
    let high: Double
    let start: Double
    let end: Double

    /// For all of these values, which are positive, from one power of ten to another.
    init(_ values: [Double], start: Double, end: Double) {
        let positive = values.filter { $0 > 0 }
        low = pow(10, floor(log10(positive.min() ?? 1)))
        high = Swift.max(pow(10, ceil(log10(positive.max() ?? 10))), low * 10)
        self.start = start
        self.end = end
    }

    func place(_ value: Double) -> Double {
        start + (end - start) * log10(Swift.max(value, low) / low) / log10(high / low)
    }

    /// The powers of ten.
    var marks: [Double] {
        (0...Int(log10(high / low).rounded())).map { low * pow(10, Double($0)) }
    }
}
