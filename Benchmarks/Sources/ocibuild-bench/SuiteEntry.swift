/// A suite that can be asked for by name.
struct SuiteEntry: Sendable {
    /// What belongs together, and may be asked for together.
    enum Group: String, CaseIterable, Sendable {
        /// Single parts, mostly in this process.
        case micro
        /// Whole builds beside other builders.
        case builds
        /// How costs grow with amounts.
        case growth
        /// Only where it is asked for by its own name.
        case special
    }

    let name: String
    let group: Group
    /// One line for the list.
    let summary: String
    /// Measures, and records what it finds in the session.
    let run: @Sendable (BenchSession) throws -> Void

    init(_ name: String, _ group: Group, _ summary: String, run: @escaping @Sendable (BenchSession) throws -> Void) {
        self.name = name
        self.group = group
        self.summary = summary
        self.run = run
    }

    /// One whose subjects all do the same work.
    static func micro(_ name: String, _ summary: String, _ suite: @escaping @Sendable (BenchSession) throws -> Suite)
        -> SuiteEntry
    {
        SuiteEntry(name, .micro, summary) { session in session.measure(try suite(session)) }
    }
}
