/// The ids that a user may give to user namespaces, of `/etc/subuid` or `/etc/subgid`; see subuid(5).
package struct SubordinateIDs: Hashable, Sendable {
    /// Ids that follow each other. None is 4294967295, which means "no id".
    package struct Range: Hashable, Sendable {
        /// The first one.
        package let start: UInt32
        /// How many, at least one.
        package let count: UInt32

        /// `count` ids from `start`; nil where there is none, or they do not fit below 4294967295.
        package init?(start: UInt32, count: UInt32) {
            guard count > 0, UInt64(start) + UInt64(count) <= UInt64(UInt32.max) else { return nil }
            self.start = start
            self.count = count
        }

        /// The id after the last one.
        var end: UInt32 { start + count }

        /// What of it is not in `other`: at most two parts.
        func subtracting(_ other: Range) -> [Range] {
            guard start < other.end, other.start < end else { return [self] }
            return [
                other.start > start ? Range(start: start, count: other.start - start) : nil,
                other.end < end ? Range(start: other.end, count: end - other.end) : nil,
            ].compactMap { $0 }
        }
    }

    /// The ranges in their file's order; no two have an id in common.
    package let ranges: [Range]

    /// How many ids there are.
    package var count: Int { ranges.reduce(0) { $0 + Int($1.count) } }

    /// The ranges of a file's text for a user.
    ///
    /// A line is OWNER:START:COUNT in decimal digits; whatever is not, a comment or damage, is no line. What overlaps an
    /// earlier range, or is the user's own id, is left out: the kernel takes no map that names an id twice.
    /// - Parameters:
    ///   - owners: the user's names, and the number, as a line may begin with them.
    ///   - own: the user's (or group's) own id.
    package init(parsing text: [UInt8], owners: Set<String>, own: UInt32) {
        let names = Set(owners.map { Array($0.utf8) })
        var taken = Range(start: own, count: 1).map { [$0] } ?? []
        var found: [Range] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count == 3, names.contains(Array(fields[0])), let start = Self.number(fields[1]),
                let count = Self.number(fields[2]), let range = Range(start: start, count: count)
            else { continue }
            let free = taken.reduce([range]) { parts, other in parts.flatMap { $0.subtracting(other) } }
            found += free
            taken += free
            // The kernel takes 340 lines of a map, the user's own among them.
            if found.count >= 339 { break }
        }
        ranges = Array(found.prefix(339))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return String(validating: digits, as: UTF8.self).flatMap { UInt32($0) }
    }
}

extension SubordinateIDs {
    /// The names of a user in a text of the form of passwd(5), by number.
    package static func names(of uid: UInt32, inPasswd text: [UInt8]) -> [String] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 4, !fields[0].isEmpty, number(fields[2]) == uid else { return nil }
            return String(validating: fields[0], as: UTF8.self)
        }
    }
}
