import Glibc
import LinuxSystem

/// What the machine's files say of a user: its names and the ids that it may give to user namespaces.
struct HostIdentities {
    /// Its names; none where no account has the number.
    let names: [String]
    let users: SubordinateIDs
    let groups: SubordinateIDs

    /// Reads /etc/passwd, /etc/subuid and /etc/subgid.
    init(user: UInt32, group: UInt32) {
        let accounts = (try? FileSystem.readFile("/etc/passwd", limit: 10 << 20)) ?? []
        var names = SubordinateIDs.names(of: user, inPasswd: accounts)
        // Accounts of a directory service are in no file.
        if names.isEmpty, let entry = getpwuid(user), let name = entry.pointee.pw_name {
            names = [String(cString: name)]
        }
        self.names = names
        let owners = Set(names + ["\(user)"])
        users = Self.ranges("/etc/subuid", owners, own: user)
        groups = Self.ranges("/etc/subgid", owners, own: group)
    }

    private static func ranges(_ path: Path, _ owners: Set<String>, own: UInt32) -> SubordinateIDs {
        SubordinateIDs(parsing: (try? FileSystem.readFile(path, limit: 10 << 20)) ?? [], owners: owners, own: own)
    }

    /// Those of the two files that give the user nothing.
    var filesWithoutUser: [String] {
        (users.ranges.isEmpty ? ["/etc/subuid"] : []) + (groups.ranges.isEmpty ? ["/etc/subgid"] : [])
    }

    /// How many ids both files give, with the user's own.
    var count: Int { min(users.count, groups.count) + 1 }
}
