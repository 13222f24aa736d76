import FoundationEssentials

/// All that one run measured: what is written as JSON, and what tables and charts are made of.
struct Results: Codable {
    var machine = Machine()
    /// Seconds since 1970 when it began.
    var began: Int64
    var measurements: [Measurement] = []
    var curves: [Curve] = []
    /// What was left out or failed, in words.
    var notes: [String] = []

    init(began: Int64) { self.began = began }

    /// Writes them, whole or not at all.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try (encoder.encode(self) + [10]).write(to: URL(filePath: path), options: .atomic)
    }

    /// Those of an earlier run.
    static func read(from path: String) throws -> Results {
        do {
            return try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw BenchError("\(path) does not hold results of this program: \(error)")
        }
    }

    /// Takes over what another run measured, in place of the same suites here.
    mutating func merge(_ other: Results) {
        let suites = Set(other.measurements.map(\.suite))
        measurements = measurements.filter { !suites.contains($0.suite) } + other.measurements
        let titles = Set(other.curves.map(\.title))
        curves = curves.filter { !titles.contains($0.title) } + other.curves
        // Builders and what was said of them stay until builds are measured again.
        let hasBuilds = other.measurements.contains { $0.phase != nil }
        notes = hasBuilds ? other.notes : notes + other.notes.filter { !notes.contains($0) }
        let tools = hasBuilds ? [:] : machine.tools
        machine = other.machine
        machine.tools.merge(tools) { new, _ in new }
        if hasBuilds { began = other.began }
    }
}
