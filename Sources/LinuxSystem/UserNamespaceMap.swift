/// Which ids of a user namespace are which outside of it, as `/proc/PID/uid_map` has it; see user_namespaces(7).
package struct UserNamespaceMap: Hashable, Sendable {
    /// Ids that follow each other, here and there.
    package struct Extent: Hashable, Sendable {
        /// The first id inside.
        package let inside: UInt32
        /// The id that it is outside.
        package let outside: UInt32
        /// How many ids.
        package let count: UInt32

        /// `count` ids.
        package init(inside: UInt32, outside: UInt32, count: UInt32) {
            self.inside = inside
            self.outside = outside
            self.count = count
        }
    }

    /// The extents, in the order of the map.
    package let extents: [Extent]

    /// A map of these extents.
    package init(_ extents: [Extent]) { self.extents = extents }

    /// What a file of /proc says.
    package init(parsing text: [UInt8]) {
        extents = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let numbers = line.split(separator: UInt8(ascii: " ")).map { UInt32(String(decoding: $0, as: UTF8.self)) }
            guard numbers.count == 3, let inside = numbers[0], let outside = numbers[1], let count = numbers[2]
            else { return nil }
            return Extent(inside: inside, outside: outside, count: count)
        }
    }

    /// `own` as 0 and what follows as 1, 2, ….
    package init(own: UInt32, subordinate: SubordinateIDs) {
        var extents = [Extent(inside: 0, outside: own, count: 1)]
        var next: UInt32 = 1
        for range in subordinate.ranges {
            let (end, overflow) = next.addingReportingOverflow(range.count)
            if overflow { break }
            extents.append(Extent(inside: next, outside: range.start, count: range.count))
            next = end
        }
        self.extents = extents
    }

    /// The user ids of the namespace that this process is in. Empty where /proc does not tell.
    package static func users() -> UserNamespaceMap { ofThisProcess("/proc/self/uid_map") }

    /// The group ids of the namespace that this process is in. Empty where /proc does not tell.
    package static func groups() -> UserNamespaceMap { ofThisProcess("/proc/self/gid_map") }

    private static func ofThisProcess(_ path: Path) -> UserNamespaceMap {
        UserNamespaceMap(parsing: (try? FileSystem.readFile(path, limit: 1 << 16)) ?? [])
    }

    /// Whether it is the machine's first namespace, or one that cannot be told from it by its ids.
    package var isInitial: Bool { extents == [Extent(inside: 0, outside: 0, count: .max)] }

    /// Whether each of `ids` can be used inside.
    package func covers(_ ids: ClosedRange<UInt32>) -> Bool {
        var next = UInt64(ids.lowerBound)
        for extent in extents.sorted(by: { $0.inside < $1.inside }) where UInt64(extent.inside) <= next {
            next = max(next, UInt64(extent.inside) + UInt64(extent.count))
        }
        return next > UInt64(ids.upperBound)
    }

    /// The same ids for a namespace within this one: nothing has another number there.
    package var identity: UserNamespaceMap {
        UserNamespaceMap(extents.map { Extent(inside: $0.inside, outside: $0.inside, count: $0.count) })
    }

    /// As /proc/PID/uid_map takes it.
    package var text: String { extents.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined() }

    /// As newuidmap(1) and newgidmap(1) take it, after the process id.
    package var words: [String] { extents.flatMap { ["\($0.inside)", "\($0.outside)", "\($0.count)"] } }
}
