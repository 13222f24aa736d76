/// Whole builds as a chart: a line for each workload and phase, a dot for each builder, seconds on a logarithmic axis.
struct BuildChart {
    private let measurements: [Measurement]

    init(_ results: Results) {
        measurements = results.measurements.filter { $0.phase.flatMap(BuildPhase.init) != nil }
    }

    var svg: String {
        let groups = BuildWorkload.all.filter { workload in measurements.contains { $0.suite == workload.name } }
        let rows = groups.flatMap { workload in
            BuildPhase.allCases.filter { phase in
                measurements.contains { $0.suite == workload.name && $0.phase == phase.rawValue }
            }.map { (workload: workload, phase: $0) }
        }
        let builders = Self.builders(of: measurements)
        let (top, step, gap) = (64.0, 17.0, 12.0)
        let height = top + Double(rows.count) * step + Double(groups.count) * gap + 30
        var drawing = SVGDocument(width: 860, height: height)
        let scale = LogScale(measurements.map(\.seconds.median), start: 330, end: 840)
        drawing.text(
            "Seconds, median; logarithmic: each line to the right is ten times slower", 10, 20, style: "strong")
        for (index, builder) in builders.enumerated() {
            let x = 16 + Double(index) * 104
            drawing.circle(x, 40, radius: 5, colour: index, title: builder)
            drawing.text(builder, x + 10, 44)
        }
        for mark in scale.marks {
            drawing.line(scale.place(mark), top - 4, scale.place(mark), height - 22)
            drawing.text(mark.significant, scale.place(mark), height - 8, anchor: .middle, style: "muted")
        }
        var y = top
        var last: String?
        for row in rows {
            if last != row.workload.name {
                y += gap
                drawing.text(row.workload.title, 10, y + 4, style: "strong")
                last = row.workload.name
            }
            drawing.text(row.phase.title, 320, y + 4, anchor: .end, style: "muted")
            drawing.line(scale.start, y, scale.end, y)
            // Ours last, so that it lies on top.
            for (index, builder) in builders.enumerated().reversed() {
                let found = measurements.first {
                    $0.suite == row.workload.name && $0.phase == row.phase.rawValue && $0.subject == builder
                }
                guard let seconds = found?.seconds else { continue }
                drawing.circle(
                    scale.place(seconds.median), y, radius: index == 0 ? 6 : 4.5, colour: index,
                    title: "\(builder): \(seconds.text) s")
            }
            y += step
        }
        return drawing.description
    }

    /// Ours first.
    static func builders(of measurements: [Measurement]) -> [String] {
        var names: [String] = ["ocibuild"]
        for measurement in measurements where !names.contains(measurement.subject) { names.append(measurement.subject) }
        return names.filter { name in measurements.contains { $0.subject == name } }
    }
}
