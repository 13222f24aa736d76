import LinuxSystem
import Sandboxing

/// Picks the rung of the sandbox ladder on which a build's commands run: the one that was asked for, or the strongest
/// that works, and never one below what the caller accepts.
struct RungChoice: Sendable {
    /// The rung that was asked for.
    var wanted: Isolation?
    /// The weakest that is accepted.
    var minimum: Isolation?
    /// The rungs that can work with the files as the store keeps them.
    var possible: [Isolation]

    /// The first report of a rung that may be used and works; what stands against a stronger one is told where this
    /// fails, also where it could not be used here anyway. `report` is asked for one rung at a time, strongest first.
    func pick(trying report: (Isolation) -> RungReport) throws(EngineError) -> RungReport {
        if let wanted { return try explicit(wanted, report) }
        var refused: [RungReport] = []
        for rung in Isolation.allCases where rung != .none {
            let found = report(rung)
            if found.available {
                // The files are not kept as this one needs them.
                guard possible.contains(rung) else { continue }
                guard isAccepted(rung) else { throw tooWeak(found, refused) }
                return found
            }
            refused.append(found)
        }
        throw EngineError(
            .isolation, Isolation.none.rawValue,
            "this command cannot be run; no sandbox works on this machine (\(Self.list(refused))): \"ocibuild doctor\" "
                + "says what would allow one")
    }

    private func explicit(_ wanted: Isolation, _ report: (Isolation) -> RungReport) throws(EngineError) -> RungReport {
        guard wanted != .none else {
            throw EngineError(
                .isolation, wanted.rawValue,
                "this command cannot be run; --isolation none forbids it: leave the option away")
        }
        guard isAccepted(wanted) else {
            throw EngineError(
                .isolation, wanted.rawValue,
                "--isolation \(wanted.rawValue) is weaker than --min-isolation \(minimum?.rawValue ?? "") accepts: "
                    + "change one of them")
        }
        let found = report(wanted)
        guard found.available else {
            throw EngineError(
                .isolation, wanted.rawValue,
                "this command cannot be run with --isolation \(wanted.rawValue): \(found.reason)"
                    + (found.remedy.map { "; to lift it: \($0)" } ?? ""))
        }
        return found
    }

    private func isAccepted(_ rung: Isolation) -> Bool {
        guard let minimum else { return true }
        return rung.isAtLeast(minimum)
    }

    private func tooWeak(_ found: RungReport, _ refused: [RungReport]) -> EngineError {
        EngineError(
            .isolation, found.isolation.rawValue,
            "this command cannot be run; the strongest sandbox that works here is \"\(found.isolation.rawValue)\", and "
                + "--min-isolation \(minimum?.rawValue ?? "") accepts nothing weaker "
                + "(\(Self.list(refused))): \"ocibuild doctor\" says what would allow it")
    }

    /// What stands against each rung.
    static func list(_ reports: [RungReport]) -> String {
        reports.map { "\($0.isolation.rawValue): \($0.reason)" }.joined(separator: "; ")
    }
}
