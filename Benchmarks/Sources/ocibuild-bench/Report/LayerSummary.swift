/// The layer pipeline alone beside BuildKit's export, and how far from what is wanted of it.
struct LayerSummary {
    private let measurements: [Measurement]

    /// How many times sooner than BuildKit a layer is to be out.
    private static let aims = [("ocibuild", "the default codec", 2.5), ("ocibuild-fast", "`fast`", 8.0)]

    /// nil where it was not measured.
    init?(_ results: Results) {
        let names = Set(BuildWorkload.all.filter { $0.layered != nil }.map(\.name))
        measurements = results.measurements.filter { names.contains($0.suite) }
        if measurements.isEmpty { return nil }
    }

    /// A sentence on those that write a layer as it is sent; what the others did was less.
    var short: String {
        let written = measurements.filter { $0.outputSize != nil }
        let subjects = written.map { "\($0.subject) \($0.seconds.median.significant) s" }.joined(separator: ", ")
        let size = measurements.first?.inputSize?.bytes ?? ""
        return "A layer alone (\(size)): \(subjects). \(ratios(besideAims: false))\n"
    }

    /// A table, and what follows from it.
    var long: String { MeasurementTable(measurements).markdown + "\n\(ratios(besideAims: true))\n" }

    private func ratios(besideAims: Bool) -> String {
        guard let theirs = measurements.first(where: { $0.subject == "buildkit" }) else {
            return "BuildKit did not take part."
        }
        let words = Self.aims.compactMap { subject, codec, aim -> String? in
            guard let ours = measurements.first(where: { $0.subject == subject }) else { return nil }
            func ratio(_ seconds: Spread) -> String { (seconds.median / ours.seconds.median).fixed(1) }
            let export = theirs.exportSeconds.map { " (its export alone \(ratio($0)))" } ?? ""
            return "\(ratio(theirs.seconds)) times as long as ocibuild with \(codec)\(export)"
                + (besideAims ? ", where \(aim.fixed(1)) is wanted" : "")
        }
        return "BuildKit takes \(words.joined(separator: "; "))."
    }
}
