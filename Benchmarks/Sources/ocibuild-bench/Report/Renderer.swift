import FoundationEssentials
import Glibc

/// Makes of results what people read: tables, charts, and the sections of the READMEs that show them.
struct Renderer {
    let results: Results
    /// The repository's folder.
    let folder: String

    private var kept: String { "\(folder)/Benchmarks/Results" }

    /// Takes the results of a run over into those that are kept, and renders all of them.
    static func render(_ path: String, into folder: String) throws {
        let kept = "\(folder)/Benchmarks/Results"
        try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
        let run = try Results.read(from: path)
        let file = "\(kept)/results.json"
        var results = FileManager.default.fileExists(atPath: file) ? try Results.read(from: file) : run
        results.merge(run)
        try results.write(to: file)
        try Renderer(results: results, folder: folder).render()
    }

    private func render() throws {
        try write(BuildChart(results).svg, to: "\(kept)/builds.svg")
        try write(GrowthChart(curves: results.curves).svg, to: "\(kept)/growth.svg")
        try write(tables, to: "\(kept)/tables.md")
        let summary = BuildSummary(results)
        let day = Self.day(results.began)
        let machine =
            "Seconds, \(day), \(results.machine.processors) processors (\(results.machine.processor)), "
            + "Linux \(results.machine.kernel), \(results.machine.system); in brackets the fastest of "
            + BuildChart.builders(of: results.measurements.filter { $0.phase.flatMap(BuildPhase.init) != nil })
            .filter { $0 != "ocibuild" }.joined(separator: ", ") + "; bold where that is not faster.\n"
        try section(
            "measured", of: "\(folder)/README.md",
            "![Whole builds beside other builders](Benchmarks/Results/builds.svg)\n\n" + machine + "\n" + summary.short)
        try section(
            "builds", of: "\(folder)/Benchmarks/README.md",
            machine + "\n![Whole builds](Results/builds.svg)\n\n" + summary.short + "\n" + summary.long)
        if let layer = LayerSummary(results) {
            try section("layer", of: "\(folder)/README.md", layer.short)
            try section("layer", of: "\(folder)/Benchmarks/README.md", layer.long)
        }
        try section("behind", of: "\(folder)/Benchmarks/README.md", summary.behind)
        try section(
            "growth", of: "\(folder)/Benchmarks/README.md", "![Growth](Results/growth.svg)\n\n" + growth)
        try section("micro", of: "\(folder)/Benchmarks/README.md", micro)
        try section(
            "versions", of: "\(folder)/Benchmarks/README.md",
            results.machine.tools.sorted { $0.key < $1.key }.map { "- \($0.key): \($0.value)\n" }.joined()
                + results.notes.map { "- \($0.replacing("\n", with: " "))\n" }.joined())
    }

    /// All that was measured, in the order of the suites.
    private var tables: String {
        "# All that was measured\n\nMade by `ocibuild-bench render` of `results.json`.\n\n"
            + groups.map { MeasurementTable($0).markdown }.joined(separator: "\n")
    }

    private var micro: String {
        let names = Set(SuiteCatalogue.all.filter { $0.group == .micro }.map(\.name))
        return groups.filter { $0.first.map { names.contains($0.suite) } ?? false }
            .map { MeasurementTable($0).markdown }.joined(separator: "\n")
    }

    /// Measurements of the same work, side by side.
    private var groups: [[Measurement]] {
        var order: [String] = []
        var groups: [String: [Measurement]] = [:]
        for measurement in results.measurements {
            let key = "\(measurement.suite)\n\(measurement.workload)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(measurement)
        }
        return order.compactMap { groups[$0] }
    }

    private var growth: String {
        results.curves.map { curve in
            let amounts = Set(curve.lines.flatMap(\.points).map(\.amount)).sorted()
            let hasMemory = curve.lines.contains { $0.points.contains { $0.peakMemory != nil } }
            let head = [curve.unit] + curve.lines.map { "\($0.name), s" } + (hasMemory ? ["memory"] : [])
            let rows = amounts.map { amount in
                let points = curve.lines.map { line in line.points.first { $0.amount == amount } }
                let memory = points.compactMap { $0?.peakMemory }.max()?.bytes ?? ""
                return [String(amount)] + points.map { $0?.seconds.median.significant ?? "" }
                    + (hasMemory ? [memory] : [])
            }
            return "\(curve.title)\n\n"
                + ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
        }.joined(separator: "\n")
    }

    /// Replaces what lies between the two marks of that name.
    private func section(_ name: String, of path: String, _ text: String) throws {
        let (begin, end) = ("<!-- \(name): begin, made by ocibuild-bench render -->", "<!-- \(name): end -->")
        guard let document = ProcessCounters.text(path) else { throw BenchError("\(path) cannot be read") }
        guard let from = document.firstRange(of: begin), let to = document.firstRange(of: end) else {
            throw BenchError("\(path) has no place for this: put in the lines\n\(begin)\n\(end)")
        }
        try write(
            document[..<from.upperBound] + "\n\n" + text + (text.hasSuffix("\n") ? "\n" : "\n\n")
                + document[to.lowerBound...], to: path)
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private static func day(_ seconds: Int64) -> String {
        var (moment, parts) = (time_t(seconds), tm())
        gmtime_r(&moment, &parts)
        func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
