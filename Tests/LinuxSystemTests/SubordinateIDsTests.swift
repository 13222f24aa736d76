import LinuxSystem
import Testing

@Suite("Subordinate ids")
struct SubordinateIDsTests {
    private func ranges(_ text: String, owners: Set<String> = ["ada", "1000"], own: UInt32 = 1000) -> [[UInt32]] {
        SubordinateIDs(parsing: Array(text.utf8), owners: owners, own: own).ranges.map { [$0.start, $0.count] }
    }

    @Test("a line by name, by number, and several of both")
    func lines() {
        #expect(ranges("ada:100000:65536\n") == [[100_000, 65536]])
        #expect(ranges("1000:100000:65536") == [[100_000, 65536]])
        #expect(ranges("bob:1:2\nada:5:6\n1000:50:7\nada:100:8\n") == [[5, 6], [50, 7], [100, 8]])
        #expect(ranges("adam:5:6\nad:5:6\nADA:5:6\n 1000:5:6\n01000:5:6\n") == [], "an owner is all of a field")
    }

    @Test(
        "what is no line is passed over, and the next one counts",
        arguments: [
            "# ada:5:6", "ada", "ada:5", "ada:5:6:7", "ada::6", "ada:5:", ":5:6", "ada:-5:6", "ada:5:-6", "ada:+5:6",
            "ada:0x5:6", "ada: 5:6", "ada:5:6 ", "ada:5:6\r", "ada:5:0", "ada:4294967295:1", "ada:4294967294:2",
            "ada:1:4294967295", "ada:4294967296:1", "ada:99999999999999999999:1", "ada:1:99999999999999999999", "",
            "ada:\u{664}:6", String(repeating: "x", count: 100_000) + ":5:6",
        ])
    func damaged(line: String) {
        #expect(ranges(line + "\nada:70000:9\n") == [[70_000, 9]])
    }

    @Test("bytes that are no text")
    func bytes() {
        let text: [UInt8] = [0xFF, 0x3A, 0x35, 0x3A, 0x36, 0x0A, 0x00, 0x0A] + Array("ada:7:8\n".utf8)
        #expect(SubordinateIDs(parsing: text, owners: ["ada"], own: 1).ranges.map(\.start) == [7])
    }

    @Test("no id is given twice, and never the user's own")
    func overlaps() {
        #expect(ranges("ada:10:10\nada:15:10\n") == [[10, 10], [20, 5]])
        #expect(ranges("ada:10:10\nada:5:30\n") == [[10, 10], [5, 5], [20, 15]])
        #expect(ranges("ada:10:10\n1000:10:10\n") == [[10, 10]])
        #expect(ranges("ada:999:3\n") == [[999, 1], [1001, 1]])
        #expect(ranges("ada:1000:1\n") == [])
        #expect(ranges("ada:1:999\nada:1001:64535\n") == [[1, 999], [1001, 64535]], "as images of podman have it")
    }

    @Test("the kernel takes 340 lines of a map")
    func many() {
        let text = (0..<100_000).map { "ada:\(2000 + $0 * 2):1\n" }.joined()
        #expect(ranges(text).count == 339)
    }

    @Test func theMap() {
        let ids = SubordinateIDs(parsing: Array("ada:100000:1000\nada:500000:64535\n".utf8), owners: ["ada"], own: 7)
        let map = UserNamespaceMap(own: 7, subordinate: ids)
        #expect(map.words == ["0", "7", "1", "1", "100000", "1000", "1001", "500000", "64535"])
        #expect(map.text == "0 7 1\n1 100000 1000\n1001 500000 64535\n")
        #expect(UserNamespaceMap(parsing: Array(map.text.utf8)) == map)
        #expect(map.covers(0...65535) && !map.covers(0...65536) && !map.isInitial)
        #expect(map.identity.words == ["0", "0", "1", "1", "1", "1000", "1001", "1001", "64535"])
    }

    @Test("what /proc writes, with its columns")
    func kernelText() {
        let initial = UserNamespaceMap(parsing: Array("         0          0 4294967295\n".utf8))
        #expect(initial.isInitial && initial.covers(0...4_294_967_294) && !initial.covers(5...4_294_967_295))
        #expect(UserNamespaceMap(parsing: []).extents == [] && !UserNamespaceMap(parsing: []).covers(0...0))
        let gap = UserNamespaceMap([.init(inside: 0, outside: 5, count: 2), .init(inside: 3, outside: 9, count: 2)])
        #expect(gap.covers(0...1) && !gap.covers(0...3) && gap.covers(3...4))
        #expect(!UserNamespaceMap.users().extents.isEmpty && !UserNamespaceMap.groups().extents.isEmpty)
    }

    @Test("all names of a number")
    func names() {
        let text = Array(
            "root:x:0:0::/:\nada:x:1000:1000::/:\nbad\n:x:1000:1::\nlovelace:x:1000:5\n#x:x:10x0:1::\n".utf8)
        #expect(SubordinateIDs.names(of: 1000, inPasswd: text) == ["ada", "lovelace"])
        #expect(SubordinateIDs.names(of: 1, inPasswd: text) == [])
    }
}
