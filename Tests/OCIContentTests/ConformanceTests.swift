import LinuxSystem
import OCIContent
import TestSupport
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: ContentStoreConformance.checks)
    func localStore(_ check: ContentStoreConformance.Check) async throws {
        let folder = try TemporaryDirectory()
        let store = try LocalStore(root: folder.path / "store")
        try await check.run(store)
        let report = try store.verify()
        #expect(report.problems.isEmpty)
        #expect(try DirectoryListing.entries(at: folder.path / "store/tmp").isEmpty)
    }

    @Test(arguments: ContentStoreConformance.checks)
    func imageLayout(_ check: ContentStoreConformance.Check) async throws {
        let folder = try TemporaryDirectory()
        try await check.run(try ImageLayout(creating: folder.path))
        let names = try DirectoryListing.entries(at: folder.path).map(\.name.description).sorted()
        #expect(names == ["blobs", "index.json", "oci-layout"])
    }

    @Test(arguments: ContentStoreConformance.checks)
    func memory(_ check: ContentStoreConformance.Check) async throws {
        try await check.run(MemoryStore())
    }
}
