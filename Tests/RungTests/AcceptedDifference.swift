import Glibc
import LinuxSystem

/// A line of `Fixtures/rungs/accepted.txt`: what may differ from root, where, and why.
struct AcceptedDifference: Sendable {
    /// A fixture's name, or "*".
    let fixture: String
    /// A rung's name, or "*".
    let rung: String
    /// The properties; empty where the fixture is not built on the rung at all.
    let properties: Set<RungDifference.Property>
    /// A pattern of fnmatch(3) for the path, without "/" at its beginning; "*" stands for slashes too.
    let pattern: String
    let reason: String

    /// A line that says nothing that can be understood.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// All that is accepted.
    static func all() throws -> [AcceptedDifference] {
        let bytes = try FileSystem.readFile(RungFixture.folder / "accepted.txt")
        return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map(AcceptedDifference.init)
    }

    private init(_ line: Substring) throws {
        let fields = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true).map(String.init)
        guard fields.count == 5, !fields[4].isEmpty else {
            throw Malformed(description: "accepted.txt: not FIXTURE RUNG PROPERTIES PATTERN REASON: \(line)")
        }
        (fixture, rung, pattern, reason) = (fields[0], fields[1], fields[3], fields[4])
        guard fixture == "*" || RungFixture.all.contains(where: { $0.name == fields[0] }) else {
            throw Malformed(description: "accepted.txt: there is no fixture \(fields[0])")
        }
        guard rung == "*" || Rung(rawValue: rung) != nil else {
            throw Malformed(description: "accepted.txt: there is no rung \(fields[1])")
        }
        guard fields[2] != "build" else {
            properties = []
            return
        }
        properties = try Set(
            fields[2].split(separator: ",").map { word in
                guard let property = RungDifference.Property(rawValue: String(word)) else {
                    throw Malformed(description: "accepted.txt: there is no property \(word)")
                }
                return property
            })
    }

    /// True for a line that says that the fixture is not built on the rung.
    func excuses(_ fixture: RungFixture, on rung: Rung) -> Bool {
        properties.isEmpty && concerns(fixture, rung)
    }

    /// True for a line that names what differs.
    func covers(_ difference: RungDifference, of fixture: RungFixture, on rung: Rung) -> Bool {
        concerns(fixture, rung) && properties.contains(difference.property)
            && difference.path.withCString { fnmatch(pattern, $0, 0) == 0 }
    }

    private func concerns(_ fixture: RungFixture, _ rung: Rung) -> Bool {
        (self.fixture == "*" || self.fixture == fixture.name) && (self.rung == "*" || self.rung == rung.rawValue)
    }
}
