import TestSupport
import Testing

@testable import Dockerfile

@Suite struct IgnorePatternsTests {
    private struct Cases: Decodable {
        struct Case: Decodable {
            let patterns: [String]
            let path: String
            let matches: Bool
        }
        let cases: [Case]
        let invalidPatterns: [String]

        private enum CodingKeys: String, CodingKey {
            case cases
            case invalidPatterns = "invalid_patterns"
        }
    }

    private func patterns(_ text: String) throws -> IgnorePatterns {
        try IgnorePatterns(parsing: Array(text.utf8))
    }

    private func ignores(_ text: String, _ path: String) throws -> Bool {
        try patterns(text).ignores(Array(path.utf8))
    }

    @Test(.conformance) func conformance() throws {
        let data = try ConformanceData.decode(Cases.self, "ignore-patterns.json")
        #expect(data.cases.count >= 80)
        for item in data.cases {
            let patterns = try IgnorePatterns(patterns: item.patterns.map { Array($0.utf8) })
            #expect(patterns.ignores(Array(item.path.utf8)) == item.matches, "\(item.patterns) \(item.path)")
        }
        for pattern in data.invalidPatterns {
            #expect(throws: IgnorePatterns.Invalid.self, "\(pattern)") {
                try IgnorePatterns(patterns: [Array(pattern.utf8)])
            }
        }
    }

    @Test func fileFormat() throws {
        let text = "\u{FEFF}# comment\r\n  /build/  \r\n\n ! build/keep \n #hash\n./x/../y\n"
        #expect(try ignores(text, "build/a"))
        #expect(try !ignores(text, "build/keep"))
        #expect(try ignores(text, "#hash"), "only at the very start of a line does # begin a comment")
        #expect(try ignores(text, "y"))
        #expect(try !ignores(text, "# comment"))
        #expect(try patterns("# only\n\n").isEmpty)
    }

    @Test func lastMatchDecides() throws {
        #expect(try !ignores("*\n!a/b", "a/b"))
        #expect(try !ignores("*\n!a/b", "a/b/c"))
        #expect(try ignores("*\n!a/b", "a/c"))
        #expect(try ignores("!a\na", "a"))
        #expect(try ignores("a\n!a/b\na/b/c", "a/b/c/d"))
    }

    @Test func wildcards() throws {
        #expect(try ignores("a/**/z", "a/z"))
        #expect(try ignores("a/**/z", "a/b/c/z/below"))
        #expect(try !ignores("a/**/z", "a/b/xz"))
        #expect(try ignores("**/node_modules", "node_modules/x"))
        #expect(try ignores("**/node_modules", "web/node_modules/x"))
        #expect(try ignores("*/temp*", "some/temporary.txt"))
        #expect(try !ignores("*/temp*", "a/b/temp"))
        #expect(try ignores("temp?", "tempé"), "? is one character, not one byte")
        #expect(try ignores("[α-γ]x", "βx"))
        #expect(try !ignores("a[^b]c", "a/c"))
        #expect(try ignores("*", ".hidden"))
        #expect(try ignores("*\u{301}", "e\u{301}"))
        #expect(try !ignores("\u{e9}", "e\u{301}"), "composed and decomposed names are different files")
    }

    @Test func bytesThatAreNoText() throws {
        #expect(try patterns("*.o").ignores([0xFF, 0x2E, 0x6F]))
        #expect(try patterns("?.o").ignores([0xFF, 0x2E, 0x6F]))
        #expect(try IgnorePatterns(parsing: [0xFF]).ignores([0xFF]))
        #expect(try !IgnorePatterns(parsing: [0xFF]).ignores([0xFE]))
    }

    @Test func exceptionsBelow() throws {
        func may(_ text: String, _ directory: String) throws -> Bool {
            try patterns(text).mayContainException(below: Array(directory.utf8))
        }
        #expect(try may("*\n!a/b/c", "a"))
        #expect(try may("*\n!a/b/c", "a/b"))
        #expect(try !may("*\n!a/b/c", "b"))
        #expect(try !may("*\n!a/b/c", "a/x"))
        #expect(try may("*\n!**/keep", "any/where"))
        #expect(try may("*\n!*.md", "docs") == false)
        #expect(try may("*\n!docs/*.md", "docs"))
        #expect(try may("*\n!docs", "docs/sub"))
        #expect(try !may("*", "docs"))
    }

    @Test func errorsNameThePattern() {
        func message(_ text: String) -> String? {
            do {
                _ = try patterns(text)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(message("a\n!\n") == ".dockerignore:2: the pattern \"!\" is an exception without a pattern")
        #expect(message("[a") == ".dockerignore:1: the pattern \"[a\" has a \"[\" without its \"]\"")
        #expect(message("a\\") == ".dockerignore:1: the pattern \"a\\\" ends in a lone \"\\\"")
    }

    // A matcher that backtracks would need longer than the universe has; the limit measures nothing.
    @Test(.timeLimit(.minutes(1))) func hostilePatternsStayLinear() throws {
        let pattern = String(repeating: "*a", count: 200) + "b"
        let path = String(repeating: "a", count: 4000)
        let patterns = try patterns(pattern)
        #expect(!patterns.ignores(Array(path.utf8)))
    }
}
