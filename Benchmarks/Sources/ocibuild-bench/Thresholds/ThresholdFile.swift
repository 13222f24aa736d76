import FoundationEssentials

/// The thresholds that hold, in a file beside the sources.
struct ThresholdFile {
    let path: String

    static let standard =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Thresholds/thresholds.json"

    init(_ path: String?) { self.path = path ?? Self.standard }

    /// Measures everything and says what exceeds its limit, and by how much.
    ///
    /// - Throws: ``BenchError`` where something does, or is not known.
    func check(_ session: BenchSession) throws {
        let known: [Threshold]
        do {
            known = try JSONDecoder().decode([Threshold].self, from: Data(contentsOf: URL(filePath: path)))
        } catch { throw BenchError("\(path) holds no thresholds: \(error); write it anew: ocibuild-bench renew") }
        var exceeded: [String] = []
        for metric in Metrics.all {
            guard let threshold = known.first(where: { $0.name == metric.name }) else {
                exceeded.append("\(metric.name): it has no threshold yet; ocibuild-bench renew")
                continue
            }
            let value = try metric.measure(session)
            let holds = value <= threshold.limit
            print(
                "\(holds ? "holds   " : "EXCEEDED") \(metric.name.padded(to: 34)) \(value.significant.padded(to: 8))"
                    + " limit \(threshold.limit.significant.padded(to: 8)) \(metric.unit)")
            guard !holds else { continue }
            exceeded.append(
                "\(metric.name): \(value.significant) \(metric.unit), \(((value / threshold.limit - 1) * 100).fixed(1)) % over the limit"
                    + " of \(threshold.limit.significant) (it was \(threshold.measured.significant))")
        }
        guard exceeded.isEmpty else {
            throw BenchError(
                "thresholds were exceeded; where that is meant, `ocibuild-bench renew` measures them anew:\n"
                    + exceeded.joined(separator: "\n"))
        }
        print("\(Metrics.all.count) thresholds hold")
    }

    /// Measures everything and writes the limits that follow from it.
    func renew(_ session: BenchSession) throws {
        let thresholds = try Metrics.all.map { metric in
            let value = try metric.measure(session)
            print("\(metric.name.padded(to: 34)) \(value.significant) \(metric.unit)")
            return Threshold(
                name: metric.name, unit: metric.unit, measured: Self.rounded(value),
                limit: metric.promise ?? Self.rounded(value * metric.margin))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try (encoder.encode(thresholds) + [10]).write(to: URL(filePath: path), options: .atomic)
        print("written: \(path)")
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
