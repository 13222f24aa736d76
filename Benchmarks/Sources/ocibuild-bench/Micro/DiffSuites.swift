import Archive
import Layers
import LinuxSystem

/// What a step changed: n files among N. The overlay's differ looks at what changed, the plain tree's at everything.
enum DiffSuites {
    private static let amounts = [1_000, 20_000]
    private static let changes = [1, 100, 1_000]

    static let entries: [SuiteEntry] = [
        SuiteEntry("diff", .micro, "n changed among N files, on an overlay and on a plain tree") { session in
            for amount in amounts { for changed in changes { session.measure(try suite(session, amount, changed)) } }
        }
    ]

    private static func suite(_ session: BenchSession, _ amount: Int, _ changed: Int) throws -> Suite {
        let place = "\(session.workplace.path)/diff-\(amount)-\(changed)"
        // The lower tree of the overlay, the tree that a step wrote to in place, and what the overlay caught of it.
        try Command.run(
            """
            set -e; mkdir -p '\(place)'; cd '\(place)'; \(SampleTree.making(amount, in: "lower"))
            cp -a lower plain; mkdir upper
            """)
        let before = try TreeScan(of: Path("\(place)/plain"))
        try Command.run(
            """
            set -e; cd '\(place)/plain'; find . -type f | sort | head -n \(changed) >../names
            while read -r name; do echo changed >>"$name"; done <../names
            tar -cf - -T ../names | tar -C ../upper -xf -
            cd ../lower; find . -type d | while read -r d; do [ ! -d "../upper/$d" ] || touch -r "$d" "../upper/$d"; done
            """)
        try OverlayDiffer.prepare(upper: Path("\(place)/upper"), lowers: [Path("\(place)/lower")])
        return Suite(
            name: "diff", workload: "\(changed) changed among \(amount) files", inputSize: 0, items: Int64(changed),
            subjects: [
                Subject(name: "ocibuild, overlay") {
                    let differ = OverlayDiffer(upper: Path("\(place)/upper"), lowers: [Path("\(place)/lower")])
                    try expect(try differ.changes(), changed)
                },
                Subject(name: "ocibuild, plain tree") {
                    let differ = try ScanningDiffer(root: Path("\(place)/plain"), before: before)
                    try expect(try differ.changes(), changed)
                },
                Subject(name: "diff -rq", command: "diff -rq '\(place)/lower' '\(place)/plain' >/dev/null; [ $? = 1 ]"),
            ])
    }

    /// A differ that finds something else is no measurement.
    private static func expect(_ found: Changeset, _ changed: Int) throws {
        let files = found.changes.count { change in
            if case .entry(let entry) = change.kind { entry.type == .regular } else { true }
        }
        guard files == changed else { throw BenchError("the differ found \(files) changes instead of \(changed)") }
    }
}
