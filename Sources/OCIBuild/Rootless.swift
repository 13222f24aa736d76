import LinuxSystem
import Sandboxing

/// Building without being root.
///
/// Commands of an image expect many users: files of `www-data`, a `nobody` that packages are fetched as. Where the
/// machine's administrator gave this user subordinate ids, the program may go into a user namespace in which it is root
/// over all of them, and then builds as root does. That has to happen before anything else:
///
/// ```swift
/// @main struct Program {
///     static func main() async throws {
///         try Rootless.enter()
///         let builder = try Builder()
///     }
/// }
/// ```
///
/// Nothing depends on it: a program that does not call it, or is refused, builds with ``BuildOptions/IsolationChoice``
/// `single`, where owners are recorded instead.
public enum Rootless {
    /// Where this process stands.
    public enum Standing: Sendable, Hashable {
        /// It is root with CAP_SYS_ADMIN, and needs nothing.
        case root
        /// It is inside a user namespace of its own. `uid` is what its user is called outside.
        case entered(uid: UInt32)
        /// It is as it was before; `rung` is the one that a build tries next.
        case outside(rung: BuildOptions.IsolationChoice, because: Obstacle)
    }

    /// What stands against a rung of the sandbox ladder.
    public struct Obstacle: Error, Sendable, Hashable, CustomStringConvertible {
        package let cause: RungObstacle

        package init(_ cause: RungObstacle) { self.cause = cause }

        /// A name of its kind that stays, as `no-new-privileges`.
        public var code: String { cause.code }
        /// What was found.
        public var description: String { cause.description }
        /// The command or setting that lifts it, where there is one.
        public var remedy: String? { cause.remedy }
    }

    /// Goes into a user namespace with this user's subordinate ids, in which this very process is root: nothing is
    /// started anew, working directory, environment and open files stay. Where the machine refuses it, everything stays
    /// as it was, and the result says why. For root with CAP_SYS_ADMIN nothing is done.
    ///
    /// It takes the time of two small programs, newuidmap(1) and newgidmap(1), and blocks. A second call changes
    /// nothing. Throws where the process has more than one thread: the kernel takes only one that has a single thread, so
    /// this belongs at the top of `main`, before any task, queue or thread.
    /// - Parameter evenAsRoot: root goes into a namespace too, whose ids are its own.
    @discardableResult
    public static func enter(evenAsRoot: Bool = false) throws -> Standing {
        switch try NamespaceEntry.enter(evenAsRoot: evenAsRoot) {
        case .entered(let user, _): return .entered(uid: user)
        case .refused(let obstacle):
            return .outside(rung: NamespaceEntry.outerUser == 0 ? .chroot : .single, because: Obstacle(obstacle))
        case .notNeeded, .notTried: return .root
        }
    }

    /// The user id of whoever started this process, whatever it is called inside a namespace.
    public static var user: UInt32 { NamespaceEntry.outerUser }
}
