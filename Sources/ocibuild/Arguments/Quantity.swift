/// Sizes and times as a person writes them.
enum Quantity {
    /// Bytes: `536870912`, `512m`, `1.5g`, `64MiB`, powers of 1024 as docker reads them; nil for anything else.
    static func bytes(_ text: String) -> Int64? {
        let text = text.lowercased()
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        var unit = text[number.endIndex...]
        if unit.first == " " { unit = unit.dropFirst() }
        if unit.count > 1, unit.hasSuffix("b") { unit = unit.hasSuffix("ib") ? unit.dropLast(2) : unit.dropLast() }
        guard let value = Double(number), number.first != ".",
            let power = ["", "k", "m", "g", "t", "p"].firstIndex(of: unit == "b" ? "" : unit)
        else { return nil }
        let total = (0..<power).reduce(value) { total, _ in total * 1024 }
        return total < 0x1p62 ? Int64(total) : nil
    }

    /// A time: `90`, which are seconds, `90s`, `1h30m`, `1.5h`, `250ms`; nil for anything else.
    static func duration(_ text: String) -> Duration? {
        if let seconds = Double(text), seconds.isFinite, seconds >= 0, text.first?.isNumber == true {
            return milliseconds(seconds * 1000)
        }
        var total = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let value = Double(number), number.first != ".", let factor = units[String(unit)] else { return nil }
            total += value * factor
        }
        return text.isEmpty ? nil : milliseconds(total)
    }

    private static let units = ["ms": 1.0, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    private static func milliseconds(_ count: Double) -> Duration? {
        count < 1e15 ? .milliseconds(Int64(count.rounded())) : nil
    }
}
