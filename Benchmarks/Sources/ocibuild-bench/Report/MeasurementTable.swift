/// Measurements of one suite as a table: a line for each subject.
struct MeasurementTable {
    private let heading: String
    private let titles: [String]
    private var rows: [[String]] = []

    init(_ measurements: [Measurement]) {
        let first = measurements.first
        let amount = first?.inputSize.map { ", \($0.bytes)" } ?? first?.items.map { ", \($0) of them" } ?? ""
        let rounds = Set(measurements.map(\.rounds)).sorted().map(String.init).joined(separator: " or ")
        heading = "\(first?.suite ?? ""): \(first?.workload ?? "")\(amount), median (best..worst) of \(rounds) rounds"
        let hasPhases = measurements.contains { $0.phase != nil }
        let hasRate = measurements.contains { $0.inputSize != nil }
        let hasItems = measurements.contains { $0.items != nil }
        let hasRatio = measurements.contains { $0.outputSize != nil && $0.inputSize != nil }
        let hasMemory = measurements.contains { $0.peakMemory != nil }
        let hasExport = measurements.contains { $0.exportSeconds != nil }
        let hasTraffic = measurements.contains { $0.bytesSent != nil }
        var titles = (hasPhases ? ["phase"] : []) + ["subject", "seconds"] + (hasExport ? ["export"] : []) + ["CPU s"]
        if hasRate { titles.append("MB/s") }
        if hasItems { titles.append("ns each") }
        if hasRatio { titles.append("size/input") }
        if hasMemory { titles += ["memory", "read", "written"] }
        if hasTraffic { titles += ["sent", "received"] }
        self.titles = titles
        for measurement in measurements {
            let seconds = measurement.seconds.median
            var row = hasPhases ? [measurement.phase ?? ""] : []
            row += [measurement.subject, measurement.seconds.text]
            if hasExport { row.append(measurement.exportSeconds?.text ?? "") }
            row.append(measurement.processorSeconds.median.significant)
            if hasRate { row.append(measurement.inputSize.map { (Double($0) / seconds / 1e6).fixed(0) } ?? "") }
            if hasItems { row.append(measurement.items.map { (seconds * 1e9 / Double($0)).fixed(0) } ?? "") }
            if hasRatio {
                row.append(
                    measurement.outputSize.map { (Double($0) / Double(measurement.inputSize ?? 1)).fixed(4) } ?? "")
            }
            if hasMemory {
                row += [measurement.peakMemory, measurement.bytesRead, measurement.bytesWritten].map { $0?.bytes ?? "" }
            }
            if hasTraffic { row += [measurement.bytesSent, measurement.bytesReceived].map { $0?.bytes ?? "" } }
            rows.append(row)
        }
    }

    /// For a terminal.
    var text: String {
        let all = [titles] + rows
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return heading + "\n"
            + all.map { row in
                zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ") + "\n"
            }.joined()
    }

    /// For a document.
    var markdown: String {
        let lines = [titles, titles.map { _ in "---" }] + rows
        return heading + "\n\n"
            + lines.map { cells in
                "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
            }.joined()
    }
}
