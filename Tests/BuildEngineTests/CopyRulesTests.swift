import Codecs
import LinuxSystem
import OCISpec
import Testing

@testable import BuildEngine

@Suite("Rules of COPY")
struct CopyRulesTests {
    @Test(
        "patterns match as Go's filepath.Match does",
        arguments: [
            ("*", "", true), ("*", "a.b", true), ("a*c", "abbc", true), ("a*c", "abbd", false), ("a?c", "abc", true),
            ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false), ("[^a-c]x", "dx", true),
            ("\\*", "*", true), ("\\*", "a", false), ("*.txt", "a.txt", true), ("*.txt", "a.txt.gz", false),
        ])
    func patterns(pattern: String, name: String, matches: Bool) throws {
        let wildcard = try #require(Wildcard(Array(pattern.utf8)))
        #expect(wildcard.matches(Array(name.utf8)) == matches)
    }

    @Test("malformed patterns are refused", arguments: ["[", "[a", "[]a", "a\\", "[b-a]"])
    func malformed(pattern: String) {
        #expect(Wildcard(Array(pattern.utf8)) == nil)
    }

    @Test("a pattern that would make a backtracking matcher run for ever ends", .timeLimit(.minutes(1)))
    func hostile() throws {
        let wildcard = try #require(Wildcard(Array(String(repeating: "*a", count: 60).utf8) + [0x62]))
        #expect(!wildcard.matches([UInt8](repeating: 0x61, count: 4000)))
    }

    @Test(
        "modes, octal and symbolic",
        arguments: [
            ("755", 0o600, false, 0o755), ("4755", 0o600, false, 0o4755), ("u=rwX,go=rX", 0o644, false, 0o644),
            ("u=rwX,go=rX", 0o600, true, 0o755), ("a+x", 0o644, false, 0o755), ("go-rwx", 0o777, false, 0o700),
            ("+t", 0o755, true, 0o1755), ("u+s", 0o755, false, 0o4755),
        ] as [(String, UInt16, Bool, UInt16)])
    func modes(text: String, mode: UInt16, isDirectory: Bool, expected: UInt16) throws {
        #expect(try FileMode(text).applied(to: mode, isDirectory: isDirectory) == expected)
    }

    @Test("what is no mode is refused", arguments: ["", "888", "77777", "u=q", "rwx=", "u+x,"])
    func badModes(text: String) {
        #expect(throws: EngineError.self) { try FileMode(text) }
    }
}

@Suite("Step keys")
struct StepKeyTests {
    private func key(_ fields: [[String]]) -> StepKey {
        var builder = StepKey.Builder("test 1")
        for field in fields { builder.add(field) }
        return builder.finish()
    }

    @Test("lists that join to the same text have different keys")
    func framing() {
        let keys = [
            key([["ab", "c"]]), key([["a", "bc"]]), key([["ab"], ["c"]]), key([["abc"]]), key([["abc", ""]]),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key([["ab", "c"]]) == key([["ab", "c"]]))
    }

    @Test("chains are those of the image specification")
    func chains() {
        let first = Digest.sha256(of: [1])
        let second = Digest.sha256(of: [2])
        #expect(ChainID.of([first]).digest == first)
        #expect(ChainID.of([first, second]).digest == .sha256(of: Array("\(first) \(second)".utf8)))
        #expect(ChainID.of([]).digest == nil)
    }

    @Test("a damaged record or one that is cut off counts as none")
    func damagedRecords() throws {
        let root = try TemporaryDirectory()
        let cache = try DiskStepCache(storeRoot: root.path)
        let key = key([["x"]])
        #expect(try cache.lookup(key) == nil)
        try FileSystem.writeFile(root.path / "steps" / Path(key.hex), Array("{\"parent\":\"e".utf8))
        #expect(try cache.lookup(key) == nil)
    }
}
