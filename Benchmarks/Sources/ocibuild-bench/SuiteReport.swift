/// What a suite measured.
struct SuiteReport: Encodable {
    struct Row: Encodable {
        let subject: String
        /// Median of the rounds, wall clock.
        let seconds: Double
        /// The best round.
        let fastest: Double
        /// Median of user and system time.
        let processorSeconds: Double
        let outputSize: Int64?
    }

    let suite: String
    let inputSize: Int64
    let rounds: Int
    let rows: [Row]

    /// For people.
    var table: String {
        let width = rows.map(\.subject.count).max() ?? 0
        let head = "\(suite): \(inputSize >> 20) MiB, median of \(rounds) interleaved rounds\n"
        let titles = "subject".padded(to: width) + "  seconds     CPU s      MB/s     ratio\n"
        return rows.reduce(into: head + titles) { text, row in
            text += row.subject.padded(to: width)
            text += row.seconds.fixed(3, width: 9) + row.processorSeconds.fixed(3, width: 10)
            text += (Double(inputSize) / row.seconds / 1e6).fixed(0, width: 10)
            text += row.outputSize.map { (Double(inputSize) / Double($0)).fixed(3, width: 10) } ?? ""
            text += "\n"
        }
    }
}

extension String {
    /// With spaces after it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Double {
    /// With so many decimal places, right-aligned.
    func fixed(_ places: Int, width: Int) -> String {
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = Int((self * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let text =
            places == 0
            ? String(scaled)
            : "\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
