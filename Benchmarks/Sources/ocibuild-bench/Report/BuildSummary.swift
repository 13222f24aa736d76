/// Whole builds as tables for documents.
struct BuildSummary {
    private let measurements: [Measurement]
    private let builders: [String]

    init(_ results: Results) {
        measurements = results.measurements.filter { $0.phase.flatMap(BuildPhase.init) != nil }
        builders = BuildChart.builders(of: measurements)
    }

    private func found(_ workload: BuildWorkload, _ phase: BuildPhase, _ builder: String) -> Measurement? {
        measurements.first { $0.suite == workload.name && $0.phase == phase.rawValue && $0.subject == builder }
    }

    /// Workloads down, phases across: our seconds, and those of the fastest other.
    var short: String {
        let phases = BuildPhase.allCases.filter { phase in measurements.contains { $0.phase == phase.rawValue } }
        let workloads = BuildWorkload.all.filter { workload in measurements.contains { $0.suite == workload.name } }
        let head = [["build"] + phases.map(\.title), ["---"] + phases.map { _ in "---" }]
        let rows = workloads.map { workload in
            [workload.title]
                + phases.map { phase in
                    guard let ours = found(workload, phase, "ocibuild") else { return "" }
                    guard let other = fastest(workload, phase) else { return ours.seconds.median.significant }
                    let text =
                        "\(ours.seconds.median.significant) (\(other.subject) \(other.seconds.median.significant))"
                    return ours.seconds.median <= other.seconds.median ? "**\(text)**" : text
                }
        }
        return table(head + rows)
    }

    /// A table for each workload: phases down, builders across.
    var long: String {
        BuildWorkload.all.filter { workload in measurements.contains { $0.suite == workload.name } }.map { workload in
            let head = [["seconds"] + builders, ["---"] + builders.map { _ in "---" }]
            let rows = BuildPhase.allCases.compactMap { phase -> [String]? in
                let cells = builders.map { found(workload, phase, $0)?.seconds.text ?? "" }
                return cells.allSatisfy(\.isEmpty) ? nil : [phase.title] + cells
            }
            return "**\(workload.title)**\n\n" + table(head + rows)
        }.joined(separator: "\n")
    }

    /// Where somebody else was faster.
    var behind: String {
        let lines = BuildWorkload.all.flatMap { workload in
            BuildPhase.allCases.compactMap { phase -> String? in
                guard let ours = found(workload, phase, "ocibuild"), let other = fastest(workload, phase),
                    other.seconds.median < ours.seconds.median
                else { return nil }
                return
                    "- \(workload.title), \(phase.title): \(ours.seconds.text) s, \(other.subject) \(other.seconds.text) s\n"
            }
        }
        return lines.isEmpty ? "Nowhere in this run.\n" : lines.joined()
    }

    private func fastest(_ workload: BuildWorkload, _ phase: BuildPhase) -> Measurement? {
        builders.filter { $0 != "ocibuild" }.compactMap { found(workload, phase, $0) }
            .min { $0.seconds.median < $1.seconds.median }
    }

    private func table(_ rows: [[String]]) -> String {
        rows.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
