import Codecs
import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import TestSupport
import Testing

@Suite struct CrashTests {
    @Test func killDuringIngestLeavesACleanStore() async throws {
        let folder = try TemporaryDirectory()
        let place: String = (folder.path / "store").description
        await #expect(processExitsWith: .signal(SIGKILL)) { [place = place as String] in
            let store = try LocalStore(directory: place)
            try store.put([1, 2, 3], mediaType: .ociLayer)
            let ingest = try store.beginBlob()
            try ingest.write([UInt8](repeating: 9, count: 1 << 20))
            kill(getpid(), SIGKILL)
            _ = try ingest.commit(mediaType: .ociLayer)
        }
        #expect(try DirectoryListing.entries(at: Path(place) / "tmp").count == 1)
        let store = try LocalStore(directory: place)
        #expect(try DirectoryListing.entries(at: Path(place) / "tmp").isEmpty)
        let report = try store.verify()
        #expect(report.checkedBlobs == 1 && report.problems.isEmpty)
    }

    @Test(arguments: [1, 3, 10, 30, 100])
    func killAtAnyTimeKeepsTheStoreWhole(_ milliseconds: Int) async throws {
        let folder = try TemporaryDirectory()
        let place: String = (folder.path / "store").description
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [place = place as String, milliseconds = milliseconds as Int] in
            Task.detached {
                try await Task.sleep(for: .milliseconds(milliseconds))
                kill(getpid(), SIGKILL)
            }
            let store = try LocalStore(directory: place)
            for seed in 0..<UInt64.max {
                let image = try await RandomImage.make(in: store, seed: seed)
                try await store.tag(image.descriptor, as: Reference(parsing: "crash:\(seed)"))
            }
        }
        let store = try LocalStore(directory: place)
        #expect(try store.verify().problems.isEmpty)
        for (_, descriptor) in try store.references() {
            // Tagged last, so whatever has a name is whole.
            let manifest = try await store.manifest(of: descriptor)
            for blob in [manifest.config] + manifest.layers { #expect(try await store.contains(blob)) }
        }
        _ = try store.prune(grace: -1)
        #expect(try store.verify().problems.isEmpty)
        #expect(try DirectoryListing.entries(at: Path(place) / "tmp").isEmpty)
    }
}
