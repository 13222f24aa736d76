import LinuxSystem
import Testing

@Suite("Path")
struct PathTests {
    @Test(
        "parent and last component",
        arguments: [
            ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a/b", "a", "b"), ("a", nil, "a"), ("/", nil, nil), ("", nil, nil),
            ("/a/b//", "/a", "b"),
        ] as [(String, String?, String?)])
    func parts(path: String, parent: String?, last: String?) {
        #expect(Path(path).parent == parent.map { Path($0) })
        #expect(Path(path).lastComponent == last.map { Path($0) })
    }

    @Test("joining never doubles or loses a slash")
    func joining() {
        #expect(Path("/") / "a" == "/a")
        #expect(Path("a") / "/b" == "a/b")
        #expect(Path("") / "b" == "b")
        #expect(Path("a") / "" == "a")
    }

    @Test("prefixes are whole components")
    func prefixes() {
        #expect(Path("a/b").hasPrefix("a"))
        #expect(!Path("ab").hasPrefix("a"))
        #expect(Path("/a").hasPrefix("/"))
        #expect(Path("a").hasPrefix(""))
    }

    @Test("normalising stays below the start")
    func normalising() {
        #expect(Path("/a/../../b/./c//").lexicallyNormalized() == "/b/c")
        #expect(Path("../a").lexicallyNormalized() == "a")
    }

    @Test("two names that Unicode calls equal are two paths")
    func bytesNotCharacters() {
        let composed = Path("\u{E9}")
        let decomposed = Path("e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(Path(bytes: [0xFF, 0x0A]).description == "\\xFF\\x0A")
        #expect(Path(bytes: [0xFF]).string == nil)
    }
}
