/// All suites, in the order in which they run. A new one is a line in the `entries` of its own file, and a new file a
/// term here.
enum SuiteCatalogue {
    static let all: [SuiteEntry] =
        CodecSuites.entries + TarSuites.entries + UnpackSuites.entries + DiffSuites.entries + TableSuites.entries
        + ParsingSuites.entries
        + PipelineSuites.entries + BuildSuites.entries + GrowthSuites.entries + RungSuites.entries

    /// Those that are named, by their own names or their groups'; all but the special ones where none is.
    static func chosen(_ names: [String]) throws -> [SuiteEntry] {
        guard !names.isEmpty else { return all.filter { $0.group != .special } }
        for name in names where !all.contains(where: { $0.name == name || $0.group.rawValue == name }) {
            throw BenchError("there is no suite \(name); `ocibuild-bench list` shows them")
        }
        return all.filter { names.contains($0.name) || names.contains($0.group.rawValue) }
    }

    /// For people.
    static var list: String {
        let width = all.map(\.name.count).max() ?? 0
        return SuiteEntry.Group.allCases.map { group in
            let lines = all.filter { $0.group == group }.map { "  \($0.name.padded(to: width))  \($0.summary)\n" }
            return "\(group.rawValue):\n" + lines.joined()
        }.joined()
    }
}
