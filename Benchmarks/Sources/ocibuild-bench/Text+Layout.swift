extension String {
    /// With spaces after it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// In single quotes, for a line of shell.
    var quoted: String { "'" + replacing("'", with: "'\\''") + "'" }
}

extension Double {
    /// With so many decimal places, right-aligned.
    func fixed(_ places: Int, width: Int = 0) -> String {
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = Int((magnitude * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let text =
            places == 0
            ? String(scaled)
            : "\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
        let signed = self < 0 && scaled != 0 ? "-" + text : text
        return String(repeating: " ", count: max(0, width - signed.count)) + signed
    }

    /// With three digits that say something: 0.00231, 0.0462, 1.79, 24.4, 117.
    var significant: String {
        guard self != 0 else { return "0" }
        var (places, edge) = (2, 1.0)
        while magnitude < edge, places < 6 { (places, edge) = (places + 1, edge / 10) }
        return fixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : places)
    }
}

extension Int64 {
    /// As 512 B, 1.4 kB, 87 MB, 1.07 GB.
    var bytes: String {
        var (value, unit) = (Double(self), "B")
        for next in ["kB", "MB", "GB"] where value.magnitude >= 1000 { (value, unit) = (value / 1000, next) }
        return unit == "B" ? "\(self) B" : "\(value.significant) \(unit)"
    }
}
