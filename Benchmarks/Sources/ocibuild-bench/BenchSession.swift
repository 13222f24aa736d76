import Glibc

/// One run: what was asked for, where it works, and what it has found so far. Results are written after every step, so
/// that a run that is broken off leaves what it knows.
final class BenchSession {
    let options: Options
    let workplace: Workplace
    private(set) var results: Results

    init(options: Options) throws {
        self.options = options
        workplace = try Workplace()
        results = Results(began: Int64(time(nil)))
    }

    /// Measures a suite and records it.
    func measure(_ suite: Suite) {
        let measurements = suite.measured(rounds: options.rounds, budget: 2 * options.budget) { note($0) }
        print(MeasurementTable(measurements).text)
        record(measurements)
    }

    func record(_ measurements: [Measurement]) {
        results.measurements += measurements
        save()
    }

    func record(_ curve: Curve) {
        results.curves.removeAll { $0.title == curve.title }
        results.curves.append(curve)
        save()
    }

    /// Something that readers of the results must know: what was left out, and why.
    func note(_ text: String) {
        guard !results.notes.contains(text) else { return }
        results.notes.append(text)
        print("note: \(text)")
        fflush(nil)
    }

    /// A tool that took part, and its version.
    func tool(_ name: String, version: String) { results.machine.tools[name] = version }

    private func save() {
        fflush(nil)
        guard let path = options.json else { return }
        do { try results.write(to: path) } catch { print("note: \(path) cannot be written: \(error)") }
    }
}
