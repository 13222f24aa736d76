import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// Takes this very process into a user namespace in which it is root, with as many ids as a file tree needs: the rung
/// `userns`. See user_namespaces(7), newuidmap(1).
package enum NamespaceEntry {
    /// Where this process stands.
    package enum Standing: Hashable, Sendable {
        /// Nobody asked yet.
        case notTried
        /// Root with CAP_SYS_ADMIN, of the machine or of a namespace that somebody else made.
        case notNeeded
        /// Inside. These are its user and group outside.
        case entered(user: UInt32, group: UInt32)
        /// As it was before, and why.
        case refused(RungObstacle)

        /// Why it is as it was before.
        package var obstacle: RungObstacle? {
            if case .refused(let obstacle) = self { return obstacle }
            return nil
        }
    }

    /// It was asked for too late: the kernel lets only a process with one thread go.
    package struct TooLate: Error, Hashable, Sendable, CustomStringConvertible {
        /// How many threads there are.
        package let threads: Int

        package var description: String {
            "this process has \(threads) threads already, and the kernel takes only one with a single thread into a "
                + "user namespace: call Rootless.enter() first thing in main, before any task, queue or thread"
        }
    }

    /// How many ids a Debian tree needs: 0 to 65534 (nobody).
    package static let neededIDs: UInt32 = 65_535

    private static let state = Mutex(Standing.notTried)

    /// What came of the last ``enter(evenAsRoot:)``.
    package static var standing: Standing { state.withLock { $0 } }

    /// The user that started this process, whatever it is called inside.
    package static var outerUser: UInt32 {
        if case .entered(let user, _) = standing { return user }
        return geteuid()
    }

    /// The group that this process was started with.
    package static var outerGroup: UInt32 {
        if case .entered(_, let group) = standing { return group }
        return getegid()
    }

    /// Goes into a namespace of its own, unless this process is root with CAP_SYS_ADMIN already (and not
    /// `evenAsRoot`). Where that is refused, the process stays exactly as it was. Blocks for some milliseconds.
    @discardableResult
    package static func enter(evenAsRoot: Bool = false) throws(TooLate) -> Standing {
        if case .entered = standing { return standing }
        let found = try standing(entering: true, evenAsRoot: evenAsRoot)
        state.withLock { $0 = found }
        return found
    }

    /// What ``enter(evenAsRoot:)`` would come to; `nil` stands for success. Nothing changes.
    package static func obstacle(evenAsRoot: Bool = false) throws(TooLate) -> RungObstacle? {
        if case .refused(let obstacle) = try standing(entering: false, evenAsRoot: evenAsRoot) { return obstacle }
        return nil
    }

    private static func standing(entering: Bool, evenAsRoot: Bool) throws(TooLate) -> Standing {
        let (user, group) = (geteuid(), getegid())
        if user == 0, !evenAsRoot, LinuxCapability.sysAdmin.isEffective { return .notNeeded }
        // A trial leaves this process where it is, with all its threads.
        let threads = (try? DirectoryListing.entries(at: "/proc/self/task").count) ?? 1
        if entering, threads > 1 { throw TooLate(threads: threads) }
        do throws(RungObstacle) {
            let maps = user == 0 ? try ownMaps() : try NamespaceMaps.subordinate(user: user, group: group)
            try make(maps, entering: entering)
            return .entered(user: user, group: group)
        } catch {
            return .refused(error)
        }
    }

    /// Root maps every id that it has to itself, without help.
    private static func ownMaps() throws(RungObstacle) -> NamespaceMaps {
        let needed: [LinuxCapability] = [.setuid, .setgid, .setfcap]
        let missing = needed.filter { !$0.isEffective }
        guard missing.isEmpty else { throw .missingCapability(missing.map(\.name)) }
        let users = UserNamespaceMap.users()
        guard users.covers(0...(neededIDs - 1)) else {
            throw .tooFewSubordinateIDs(users.extents.reduce(0) { $0 + Int($1.count) })
        }
        return NamespaceMaps(users: users.identity, groups: UserNamespaceMap.groups().identity)
    }

    private static func make(_ maps: NamespaceMaps, entering: Bool) throws(RungObstacle) {
        var made = clinux_namespace()
        made.enters = entering ? 1 : 0
        let texts = [strdup(maps.users.text), strdup(maps.groups.text)]
        // The second word is the place of the process id, which is known later.
        var users = maps.programs.map { ([$0.users, ""] + maps.users.words).map { strdup($0) } + [nil] } ?? []
        var groups = maps.programs.map { ([$0.groups, ""] + maps.groups.words).map { strdup($0) } + [nil] } ?? []
        let all = texts + users + groups
        defer { for pointer in all { free(pointer) } }
        made.users = UnsafePointer(texts[0])
        made.groups = UnsafePointer(texts[1])
        let isHelped = maps.programs != nil
        let result = users.withUnsafeMutableBufferPointer { users in
            groups.withUnsafeMutableBufferPointer { groups in
                made.map_users = isHelped ? users.baseAddress : nil
                made.map_groups = isHelped ? groups.baseAddress : nil
                return clinux_namespace_enter(&made)
            }
        }
        if result != 0 { throw obstacle(of: made, maps) }
    }

    private static func obstacle(of made: clinux_namespace, _ maps: NamespaceMaps) -> RungObstacle {
        let errno = Errno(code: made.error)
        switch Int(made.failed_at) {
        case Int(CLINUX_NAMESPACE_UNSHARE): return .refusal(of: "unshare", errno)
        case Int(CLINUX_NAMESPACE_MOUNT): return .refusal(of: "mount", errno)
        case Int(CLINUX_NAMESPACE_ENTER): return .refusal(of: "setns", errno)
        case Int(CLINUX_NAMESPACE_USERS), Int(CLINUX_NAMESPACE_GROUPS):
            let said = withUnsafeBytes(of: made.said) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return maps.refusal(
                ofGroups: Int(made.failed_at) == Int(CLINUX_NAMESPACE_GROUPS), said: said, status: made.status, errno)
        default: return .refused("a user namespace could not be prepared: \(errno)")
        }
    }
}
