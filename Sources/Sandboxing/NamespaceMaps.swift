import Glibc
import LinuxSystem

/// The ids that a user namespace is to have, and who writes them for it.
struct NamespaceMaps {
    var users: UserNamespaceMap
    var groups: UserNamespaceMap
    /// newuidmap and newgidmap; nil where this process writes the maps itself.
    var programs: (users: String, groups: String)?

    /// A user's own id as 0, and the subordinate ones that the machine's administrator gave.
    static func subordinate(user: UInt32, group: UInt32) throws(RungObstacle) -> NamespaceMaps {
        guard !ProcessFacts.hasNoNewPrivileges else { throw .noNewPrivileges }
        let given = HostIdentities(user: user, group: group)
        guard given.filesWithoutUser.isEmpty else {
            guard let name = given.names.first else { throw .noAccount(uid: user) }
            throw .noSubordinateIDs(user: name, files: given.filesWithoutUser)
        }
        let programs = ["newuidmap", "newgidmap"].map { ($0, ProcessFacts.program($0)) }
        guard let newuidmap = programs[0].1, let newgidmap = programs[1].1 else {
            throw .noNewuidmap(programs.filter { $0.1 == nil }.map(\.0))
        }
        guard given.count >= Int(NamespaceEntry.neededIDs) else { throw .tooFewSubordinateIDs(given.count) }
        for (ids, own) in [(given.users, UserNamespaceMap.users()), (given.groups, UserNamespaceMap.groups())] {
            for range in ids.ranges where !own.covers(range.start...(range.start + range.count - 1)) {
                throw .unmappedSubordinateIDs("\(range.start) to \(range.start + range.count - 1)")
            }
        }
        return NamespaceMaps(
            users: UserNamespaceMap(own: user, subordinate: given.users),
            groups: UserNamespaceMap(own: group, subordinate: given.groups),
            programs: (newuidmap, newgidmap))
    }

    /// What kept the maps from being written.
    func refusal(ofGroups: Bool, said: String, status: CInt, _ errno: Errno) -> RungObstacle {
        guard let programs else {
            return .refusal(of: ofGroups ? "gid_map" : "uid_map", errno)
        }
        let program = ofGroups ? programs.groups : programs.users
        let powerless = [programs.users, programs.groups].filter { !ProcessFacts.raisesPrivileges($0) }
        if !powerless.isEmpty { return .powerlessNewuidmap(powerless) }
        if errno.code != 0 { return .mapRefused("\(program) could not be started: \(errno)") }
        let byBit = [programs.users, programs.groups].filter { !ProcessFacts.hasFileCapabilities($0) }
        if said.contains("\(Errno.permission)"), !byBit.isEmpty, !ProcessFacts.isWithinReach(.sysAdmin) {
            return .setUserIDNewuidmap(byBit)
        }
        let user = geteuid()
        if said.contains("Cannot determine your user name") || said.contains("could not find user") {
            return .noAccount(uid: user)
        }
        let words = said.split(separator: "\n").joined(separator: "; ")
        let ending = status < 0 ? "it did not end by itself" : "exit status \(status)"
        return .mapRefused(words.isEmpty ? "\(program): \(ending)" : words)
    }
}
