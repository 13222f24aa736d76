import LinuxSystem
import OCIBuild

/// A rung of the sandbox ladder, taken as those take it who have no other: `Fixtures/rungs/on-rung` says how.
enum Rung: String, CaseIterable, Sendable, CustomStringConvertible {
    case root
    case userns
    case single
    case chroot

    var description: String { rawValue }

    /// Whom the rung's store belongs to.
    var owner: UInt32 {
        switch self {
        case .root, .chroot: 0
        case .single: 12345
        case .userns: 12346
        }
    }

    /// The rungs that the builder has.
    static let all = allCases.filter { BuildOptions.IsolationChoice(rawValue: $0.rawValue) != nil }
}
