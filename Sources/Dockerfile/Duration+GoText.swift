extension Duration {
    /// Reads a duration as Go writes it: "1h30m", "1.5s", "300ms", "0".
    init?(goText: String) {
        var rest = Array(goText.utf8)[...]
        if rest.elementsEqual("0".utf8) {
            self = .zero
            return
        }
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let whole = rest.prefix(while: \.isDigit)
            rest = rest.dropFirst(whole.count)
            var fraction = rest.prefix(0)
            if rest.first == UInt8(ascii: ".") {
                fraction = rest.dropFirst().prefix(while: \.isDigit)
                rest = rest.dropFirst(1 + fraction.count)
            }
            guard !whole.isEmpty || !fraction.isEmpty else { return nil }
            let unit = rest.prefix { !$0.isDigit && $0 != UInt8(ascii: ".") }
            rest = rest.dropFirst(unit.count)
            guard let scale = Self.scales[unit.string], let count = Int64(whole.isEmpty ? "0" : whole.string) else {
                return nil
            }
            let (part, overflow) = count.multipliedReportingOverflow(by: scale)
            // Below a nanosecond nothing is kept, so nine digits of a fraction are enough for the largest unit.
            let digits = fraction.prefix(9)
            var power: Int64 = 1
            for _ in 0..<digits.count { power *= 10 }
            let value = Int64(digits.isEmpty ? "0" : digits.string) ?? 0
            let extra = Int64(Double(value) / Double(power) * Double(scale))
            let (sum, overflowToo) = total.addingReportingOverflow(part)
            let (next, overflowLast) = sum.addingReportingOverflow(extra)
            guard !overflow, !overflowToo, !overflowLast else { return nil }
            total = next
        }
        self = .nanoseconds(total)
    }

    private static let scales: [String: Int64] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]

    /// The duration in nanoseconds; nil when it does not fit.
    var wholeNanoseconds: Int64? {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowToo) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowToo ? nil : sum
    }
}
