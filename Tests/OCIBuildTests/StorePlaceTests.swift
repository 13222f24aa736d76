import LinuxSystem
import OCIContent
import Testing

@testable import OCIBuild

@Suite("Where the store is when nobody says")
struct StorePlaceTests {
    @Test(
        "the places in their order",
        arguments: [
            (["OCIBUILD_ROOT": "rel/x", "HOME": "/h"], 0, ["rel/x"]),
            ([:], 0, ["/var/lib/ocibuild", "/var/tmp/ocibuild-0", "/tmp/ocibuild-0"]),
            (
                ["HOME": "/root"], 0,
                ["/var/lib/ocibuild", "/root/.local/share/ocibuild", "/var/tmp/ocibuild-0", "/tmp/ocibuild-0"]
            ),
            (
                ["HOME": "/home/a", "XDG_DATA_HOME": "/data"], 1000,
                ["/data/ocibuild", "/home/a/.local/share/ocibuild", "/var/tmp/ocibuild-1000", "/tmp/ocibuild-1000"]
            ),
            (
                ["HOME": "/", "TMPDIR": "/scratch"], 77,
                [
                    "/.local/share/ocibuild", "/var/tmp/ocibuild-77", "/scratch/ocibuild-77", "/tmp/ocibuild-77",
                ]
            ),
            (["HOME": "", "XDG_DATA_HOME": "relative"], 77, ["/var/tmp/ocibuild-77", "/tmp/ocibuild-77"]),
        ] as [([String: String], UInt32, [String])])
    func order(environment: [String: String], user: UInt32, places: [String]) {
        #expect(StorePlace.candidates(environment, user: user) == places)
    }

    @Test("the first that can be used")
    func usable() throws {
        let folder = try TemporaryDirectory()
        try FileSystem.writeFile(folder.path / "file", [])
        let place = "\(folder.path)"
        let found = StorePlace.ofHost(["XDG_DATA_HOME": "\(place)/file", "HOME": place + "/home"], user: 7)
        #expect(found == place + "/home/.local/share/ocibuild", "a file is in the way of the first")
        let none = StorePlace.ofHost(["OCIBUILD_ROOT": "/proc/nowhere"], user: 7)
        #expect(none == "/proc/nowhere", "an error is to name it")
    }

    @Test("another's folder in our place is refused, not avoided")
    func foreign() throws {
        let folder = try TemporaryDirectory()
        let place = folder.path / "ocibuild"
        try FileSystem.makeDirectories(place / "tmp")
        try FileSystem.setOwner(place, uid: 4711, gid: 4711)
        try FileSystem.setOwner(place / "tmp", uid: 4711, gid: 4711)
        #expect(StorePlace.isUsable(place))
        let found = StorePlace.ofHost(["XDG_DATA_HOME": "\(folder.path)"], user: 7)
        #expect(found == "\(place)")
        #expect(throws: ContentError.self) { try Builder(root: found) }
    }
}
