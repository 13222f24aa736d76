import LinuxSystem

/// The users and groups of an image, from the bytes of its passwd and group files.
///
/// Digits are ids and never looked up as names; ids are 0…2147483647, as the container runtimes have it, so that no
/// number wraps around to root.
package struct Accounts: Hashable, Sendable {
    /// A line of passwd(5).
    package struct User: Hashable, Sendable {
        package var name: [UInt8]
        package var uid: UInt32
        package var gid: UInt32
        package var home: Path
    }

    /// A line of group(5).
    package struct Group: Hashable, Sendable {
        package var name: [UInt8]
        package var gid: UInt32
        package var members: [[UInt8]]
    }

    /// Who a process runs as.
    package struct Identity: Hashable, Sendable {
        package var uid: UInt32
        package var gid: UInt32
        /// The supplementary groups, sorted; the primary group is among them.
        package var groups: [UInt32]
        /// The user's directory where the image knows the user.
        package var home: Path?

        package init(uid: UInt32, gid: UInt32, groups: [UInt32], home: Path? = nil) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.home = home
        }
    }

    /// In the order of the file.
    package let users: [User]
    /// In the order of the file.
    package let groups: [Group]

    /// The accounts in these files; lines that make no sense are passed over, as the C library does. Files over
    /// 10 MiB count as empty.
    package init(passwd: [UInt8] = [], group: [UInt8] = []) {
        users = Self.lines(of: passwd, fields: 6).compactMap { fields in
            guard let uid = Self.id(fields[2]), let gid = Self.id(fields[3]) else { return nil }
            return User(name: fields[0], uid: uid, gid: gid, home: Path(bytes: fields[5]))
        }
        groups = Self.lines(of: group, fields: 3).compactMap { fields in
            guard let gid = Self.id(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: UInt8(ascii: ",")).map { Array($0) } : []
            return Group(name: fields[0], gid: gid, members: members)
        }
    }

    /// The fields of each line that has so many. Line by line, and no more fields than a line of passwd(5) has: a file of
    /// 10 MiB of line ends or colons must not take memory many times its size.
    private static func lines(of file: [UInt8], fields: Int) -> [[[UInt8]]] {
        guard file.count <= TableOfContents.AccountFiles.limit else { return [] }
        var found: [[[UInt8]]] = []
        var rest = file[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            if line.isEmpty || line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: ":") { continue }
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 7, omittingEmptySubsequences: false)
            if parts.count >= fields { found.append(parts.map { Array($0) }) }
        }
        return found
    }

    /// The number that digits stand for; nil for anything else, and for what is no id.
    private static func id(_ text: [UInt8]) -> UInt32? {
        guard isDigits(text) else { return nil }
        var value: UInt32 = 0
        for digit in text {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt32(digit - UInt8(ascii: "0")))
            guard !overflow, !carry, sum <= 0x7FFF_FFFF else { return nil }
            value = sum
        }
        return value
    }

    private static func isDigits(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

extension Accounts {
    /// Who `USER` means: `user`, `uid`, `user:group`, `uid:gid` or a mix; "" is root.
    ///
    /// As with Docker: without a group, the primary group is the one of passwd (0 where the image does not know the
    /// user) and the supplementary groups are those that list the user; with a group, it is the only one.
    package func identity(of specification: String) throws(LayersError) -> Identity {
        let (userText, groupText) = try Self.split(specification)
        let (uid, user) = try findUser(userText.isEmpty ? Array("0".utf8) : userText, specification)
        if let groupText {
            let gid = try findGroup(groupText, specification)
            return Identity(uid: uid, gid: gid, groups: [gid], home: user?.home)
        }
        let gid = user?.gid ?? 0
        var all: Set<UInt32> = [gid]
        if let user {
            for group in groups where group.members.contains(user.name) { all.insert(group.gid) }
        }
        return Identity(uid: uid, gid: gid, groups: all.sorted(), home: user?.home)
    }

    /// Whom `--chown` means. Without a group, a name takes its group of passwd, and an id the same number as group.
    package func owner(of specification: String) throws(LayersError) -> (uid: UInt32, gid: UInt32) {
        let (userText, groupText) = try Self.split(specification)
        guard !userText.isEmpty else {
            throw LayersError(.invalidAccount, specification, "an owner has the form user, uid, user:group or uid:gid")
        }
        let (uid, user) = try findUser(userText, specification)
        if let groupText { return (uid, try findGroup(groupText, specification)) }
        return (uid, Self.isDigits(userText) ? uid : user?.gid ?? uid)
    }

    private static func split(_ specification: String) throws(LayersError) -> (user: [UInt8], group: [UInt8]?) {
        let parts = Array(specification.utf8).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw LayersError(.invalidAccount, specification, "it has more than one colon; expected user or user:group")
        }
        let group = parts.count == 2 && !parts[1].isEmpty ? Array(parts[1]) : nil
        return (Array(parts[0]), group)
    }

    private func findUser(_ text: [UInt8], _ whole: String) throws(LayersError) -> (UInt32, User?) {
        if Self.isDigits(text) {
            guard let uid = Self.id(text) else { throw Self.outOfRange(whole) }
            return (uid, users.first { $0.uid == uid })
        }
        guard let user = users.first(where: { $0.name == text }) else {
            throw LayersError(
                .unknownAccount, whole, "the image has no such user in /etc/passwd; create it first, or give a number")
        }
        return (user.uid, user)
    }

    private func findGroup(_ text: [UInt8], _ whole: String) throws(LayersError) -> UInt32 {
        if Self.isDigits(text) {
            guard let gid = Self.id(text) else { throw Self.outOfRange(whole) }
            return gid
        }
        guard let group = groups.first(where: { $0.name == text }) else {
            throw LayersError(
                .unknownAccount, whole, "the image has no such group in /etc/group; create it first, or give a number")
        }
        return group.gid
    }

    private static func outOfRange(_ whole: String) -> LayersError {
        LayersError(.invalidAccount, whole, "user and group numbers are 0 to 2147483647")
    }
}
