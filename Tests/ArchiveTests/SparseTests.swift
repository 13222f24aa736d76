import Archive
import LinuxSystem
import Testing

@Suite("Sparse files")
struct SparseTests {
    typealias V = TarVector

    @Test("GNU tar's four ways to write them come out whole", arguments: ["gnu", "0.0", "0.1", "1.0"])
    func gnuTar(version: String) throws {
        let scratch = try TemporaryDirectory()
        // Many pieces, a hole at the start and one at the end.
        var content = [UInt8](repeating: 0, count: 3_000_000)
        for piece in 1..<60 { content[piece * 40_960] = UInt8(piece) }
        try FileSystem.writeFile(scratch.path / "plain", content)
        let sparse = "\(scratch.path)/sparse"
        _ = try V.run(["cp", "--sparse=always", "\(scratch.path)/plain", sparse], package: "coreutils")
        let format = version == "gnu" ? ["--format=gnu"] : ["--format=pax", "--sparse-version=\(version)"]
        let arguments = ["tar", "-C", "\(scratch.path)", "-S", "--hole-detection=raw"] + format
        let outcome = try V.run(arguments + ["-cf", "-", "sparse", "plain"], package: "tar")
        #expect(outcome.status == 0)
        #expect(outcome.output.count < 5_000_000, "the tar should have holes")
        let items = try V.read(outcome.output, step: 70_000)
        #expect(items.map(\.entry.path) == ["sparse", "plain"])
        #expect(items.allSatisfy { $0.entry.size == 3_000_000 && $0.content == content })
    }

    static func sparse(_ map: String, size: String, stored: Int = 0) -> [UInt8] {
        V.extended(
            V.record("GNU.sparse.major", "0") + V.record("GNU.sparse.minor", "1") + V.record("GNU.sparse.name", "s")
                + V.record("GNU.sparse.map", map) + V.record("GNU.sparse.size", size))
            + V.block("GNUSparseFile/s", size: stored) + V.padded([UInt8](repeating: 1, count: stored)) + V.end
    }

    @Test("Maps that contradict themselves are refused")
    func contradictions() {
        let maps: [(String, String, Int)] = [
            ("0,5,3,5", "10", 10), ("5,2,0,2", "10", 4), ("0,20", "10", 20), ("0,5", "10", 4), ("0", "10", 0),
            ("0,-5", "10", 0), ("-5,5", "10", 5), ("9223372036854775807,5", "10", 5), ("a,b", "10", 0),
            ("0,5,,", "10", 5), ("0,5", "-1", 5), ("0,5", "x", 5),
        ]
        for (map, size, stored) in maps {
            #expect(V.failure(Self.sparse(map, size: size, stored: stored))?.code == .malformed, "\(map)")
        }
        let version = V.extended(V.record("GNU.sparse.major", "7") + V.record("GNU.sparse.minor", "0")) + V.file("a")
        #expect(V.failure(version + V.end)?.code == .unsupported)
    }

    @Test("A file of 2^62 bytes of nothing meets the limit, not the memory")
    func bomb() {
        #expect(V.failure(Self.sparse("0,0", size: "4611686018427387904"))?.code == .limit)
        let count = String(repeating: "9", count: 18)
        let map = V.bytes(count + "\n") + [UInt8](repeating: 0x30, count: 512 - 19)
        let leading =
            V.extended(
                V.record("GNU.sparse.major", "1") + V.record("GNU.sparse.minor", "0")
                    + V.record("GNU.sparse.realsize", "9"))
            + V.block("s", size: 512) + map
        #expect(V.failure(leading + V.end)?.code == .malformed)
        // A map without an end.
        let endless =
            V.extended(
                V.record("GNU.sparse.major", "1") + V.record("GNU.sparse.minor", "0")
                    + V.record("GNU.sparse.realsize", "9"))
            + V.block("s", size: 2 << 20) + [UInt8](repeating: 0x31, count: 2 << 20)
        #expect(V.failure(endless + V.end)?.code == .limit)
    }

    @Test("A file that is nothing but a hole")
    func allHole() throws {
        let items = try V.read(Self.sparse("0,0", size: "5000"))
        #expect(items.map(\.entry.size) == [5000])
        #expect(items.first?.content == [UInt8](repeating: 0, count: 5000))
    }
}
