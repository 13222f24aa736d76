import Archive
import LinuxSystem
import Testing

/// Each fixture gives the same image on every rung of the ladder, but for what `Fixtures/rungs/accepted.txt` lists.
@Suite(.serialized) struct RungFixtureTests {
    @Test func thereAreFortyFixtures() throws {
        #expect(RungFixture.all.count >= 40)
        let folders = try DirectoryListing.entries(at: RungFixture.folder).filter { $0.type == .directory }
        #expect(folders.count == RungFixture.all.count, "a fixture does not say what is compared")
        _ = try AcceptedDifference.all()
    }

    @Test(arguments: RungFixture.all)
    func isTheSameEverywhere(_ fixture: RungFixture) async throws {
        let workplace = try await RungWorkplace.shared.value
        let accepted = try AcceptedDifference.all()
        let rungs = Rung.all.filter { rung in !accepted.contains { $0.excuses(fixture, on: rung) } }
        let results = await withTaskGroup(of: (Rung, Result<RungImage, any Error>).self) { group in
            for rung in rungs {
                group.addTask {
                    do { return (rung, .success(try await workplace.build(fixture, on: rung))) } catch {
                        return (rung, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [Rung: Result<RungImage, any Error>]()) { $0[$1.0] = $1.1 }
        }
        for rung in rungs { if case .failure(let error) = results[rung] { Issue.record("\(error)") } }
        let root = try #require(try results[.root]?.get())
        for rung in rungs.dropFirst() {
            guard case .success(let image) = results[rung] else { continue }
            if fixture.likeness == .bytes, rung != .chroot, image.diffIDs != root.diffIDs {
                Issue.record("\(rung): the layers are not the same\n\(Self.layers(root, image))")
            }
            let differences = RungDifference.between(root.tree, image.tree).filter { difference in
                !accepted.contains { $0.covers(difference, of: fixture, on: rung) }
            }
            if !differences.isEmpty { Issue.record("\(rung): \(Self.list(differences))") }
            let ours = image.layers.dropFirst().flatMap(\.items).filter { item in
                item.entry.attributes.contains { $0.name.starts(with: Array("user.ocibuild.".utf8)) }
            }
            #expect(ours.map(\.entry.path) == [], "\(rung): what is recorded of files is in the image")
        }
    }

    /// Which layers differ, and in what.
    private static func layers(_ root: RungImage, _ other: RungImage) -> String {
        guard root.diffIDs.count == other.diffIDs.count else {
            return "\(root.diffIDs.count) layers on root, \(other.diffIDs.count) here"
        }
        return root.diffIDs.indices.filter { root.diffIDs[$0] != other.diffIDs[$0] }.map { index in
            let differences = RungDifference.between(root.layers[index], other.layers[index])
            return differences.isEmpty
                ? "layer \(index): the same entries, packed in another way" : "layer \(index): \(list(differences))"
        }.joined(separator: "\n")
    }

    private static func list(_ differences: [RungDifference]) -> String {
        let shown = differences.prefix(60).map { "  \($0)" }
        let rest = differences.count - shown.count
        return (["\(differences.count) differences"] + shown + (rest > 0 ? ["  and \(rest) more"] : [])).joined(
            separator: "\n")
    }
}
