import LinuxSystem
import Testing

/// Each fixture Dockerfile gives the same image by ocibuild and by buildah: configuration and file tree,
/// but for the differences that `DeliberateDifference` lists.
@Suite struct BuildahComparisonTests {
    @Test func thereAreEnoughFixtures() {
        #expect(Fixture.all.count >= 25)
        let names = Set(Fixture.all.map(\.name))
        #expect(DeliberateDifference.all.compactMap(\.fixture).filter { !names.contains($0) } == [])
    }

    @Test(arguments: Fixture.all)
    func equals(_ fixture: Fixture) async throws {
        let workplace = try await Workplace.shared.value
        let folder = workplace.folder / "fixtures" / Path(fixture.name)
        try FileSystem.makeDirectories(folder)
        let context = folder / "context"
        let options = try await fixture.prepare(in: context)
        let ours = folder / "ours"
        let theirs = folder / "theirs"

        try await workplace.ocibuild(
            [
                "build", "--progress", "plain", "-t", "localhost/ours:\(fixture.name)", "-o",
                "type=oci,dest=\(folder)/made/",
            ]
                + options + ["\(context)"])
        try await Tool.run(["skopeo", "copy", "-q", "oci:\(folder)/made", "oci:\(ours):fixture"])

        let name = "localhost/theirs:\(fixture.name)"
        try await workplace.buildah(
            ["bud", "--isolation", "chroot", "--format", "oci", "-q", "-t", name] + options + ["\(context)"])
        try await workplace.buildah(["push", "-q", name, "oci:\(theirs):fixture"])

        let one = try await BuiltImage(in: ours, unpackingTo: folder / "our-tree")
        let other = try await BuiltImage(in: theirs, unpackingTo: folder / "their-tree")
        let differences = one.differences(from: other)
        let listed = DeliberateDifference.all
        for difference in differences where !listed.contains(where: { $0.covers(difference, in: fixture.name) }) {
            Issue.record("\(difference)")
        }
        for entry in listed where entry.fixture == fixture.name {
            #expect(
                differences.contains { entry.covers($0, in: fixture.name) },
                "no longer different, so no longer to be listed: \(entry.subject)")
        }
        try FileSystem.removeTree(folder)
    }
}
