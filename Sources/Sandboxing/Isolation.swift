/// The rungs of the sandbox ladder, strongest first.
package enum Isolation: String, CaseIterable, Hashable, Sendable {
    /// Namespaces and overlay, by real root: needs CAP_SYS_ADMIN.
    case root
    /// A user namespace with subordinate ids.
    case userns
    /// A user namespace of one id.
    case single
    /// `chroot` in a private copy, by root without CAP_SYS_ADMIN. Not a security boundary.
    case chroot
    /// No command can run; files and configuration only.
    case none

    /// Whether this rung keeps a command at least as far from the machine as the other does.
    package func isAtLeast(_ other: Isolation) -> Bool {
        let order = Self.allCases
        guard let own = order.firstIndex(of: self), let limit = order.firstIndex(of: other) else { return false }
        return own <= limit
    }
}
