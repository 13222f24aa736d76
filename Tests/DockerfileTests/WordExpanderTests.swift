import TestSupport
import Testing

@testable import Dockerfile

@Suite struct WordExpanderTests {
    private struct Expansions: Decodable {
        struct Case: Decodable {
            let input: String
            let expected: String?
        }
        let environment: [String: String]
        let cases: [Case]
    }

    private struct Words: Decodable {
        struct Case: Decodable {
            let input: String
            let environment: [String: String]
            let expected: [String]?
        }
        let cases: [Case]
    }

    private func expand(
        _ text: String, _ environment: [String: String] = [:], escape: UInt8 = UInt8(ascii: "\\")
    ) throws(ExpansionError) -> String {
        var budget = ExpansionBudget()
        return try WordExpander.word(Array(text.utf8), escape: escape, budget: &budget) { name in
            environment[name.string].map { Array($0.utf8) }
        }.string
    }

    @Test(.conformance) func conformanceExpansion() throws {
        let data = try ConformanceData.decode(Expansions.self, "shell-words/expansion.json")
        #expect(data.cases.count >= 228)
        for item in data.cases {
            let result = try? expand(item.input, data.environment)
            #expect(result == item.expected, "\(item.input)")
        }
    }

    @Test(.conformance) func conformanceWords() throws {
        let data = try ConformanceData.decode(Words.self, "shell-words/words.json")
        #expect(data.cases.count >= 24)
        for item in data.cases {
            var budget = ExpansionBudget()
            let words = try? WordExpander.words(
                Array(item.input.utf8), escape: UInt8(ascii: "\\"), budget: &budget
            ) { name in item.environment[name.string].map { Array($0.utf8) } }
            #expect(words?.map(\.string) == item.expected, "\(item.input) \(item.environment)")
        }
    }

    @Test(
        arguments: [
            ("${v#*/}", "b/c.tar.gz"), ("${v##*/}", "c.tar.gz"), ("${v%.*}", "/b/c.tar"), ("${v%%.*}", "/b/c"),
            ("${v#x}", "/b/c.tar.gz"), ("${v#/?/}", "c.tar.gz"), ("${v/b/X}", "/X/c.tar.gz"),
            ("${v//\\//-}", "-b-c.tar.gz"), ("${v/.*/}", "/b/c"), ("${v//[/x}", "/b/c.tar.gz"),
            ("${v##*}", ""), ("${v%%*}", ""), ("${v#}", "/b/c.tar.gz"), ("${v//}", nil), ("${unset#x}", ""),
            ("${v/\\*/x}", "/b/c.tar.gz"), ("${v/$b/Y}", "/Y/c.tar.gz"), ("${v-x}", "/b/c.tar.gz"), ("${e-x}", ""),
            ("${e:-x}", "x"), ("${e+x}", "x"), ("${e:+x}", ""), ("${unset-x}", "x"), ("${unset?}", nil),
            ("${v:#x}", nil), ("${e/*/x}", "x"), ("${v//*/x}", "x"),
        ] as [(String, String?)])
    func patterns(_ input: String, _ expected: String?) {
        #expect((try? expand(input, ["v": "/b/c.tar.gz", "e": "", "b": "b"])) == expected, "\(input)")
    }

    @Test func patternsCountCharactersNotBytes() throws {
        #expect(try expand("${v#?}", ["v": "éa"]) == "a")
        #expect(try expand("${v%?}", ["v": "aé"]) == "a")
        #expect(try expand("${v//é/e}", ["v": "éaé"]) == "eae")
    }

    @Test func otherEscapeCharacter() throws {
        #expect(try expand("C:\\x`$y", escape: UInt8(ascii: "`")) == "C:\\x$y")
        #expect(try expand("\"a`\"b\\n\"", escape: UInt8(ascii: "`")) == "a\"b\\n")
    }

    @Test func growthIsBounded() {
        let large = String(repeating: "x", count: 70_000)
        #expect(throws: ExpansionError.growth) { try expand("$a$a", ["a": large]) }
        #expect(throws: ExpansionError.growth) { try expand("\"$a$a\"", ["a": large]) }
        #expect(throws: ExpansionError.growth) { try expand("${a//x/$b}", ["a": large, "b": "yyy"]) }
        let deep = String(repeating: "${a:-", count: 30_000)
        #expect(throws: ExpansionError.self) { try expand(deep) }
        let stars = String(repeating: "*x", count: 30_000)
        #expect(throws: ExpansionError.self) { try expand("${a##\(stars)y}", ["a": large]) }
    }

    @Test func messages() {
        func message(_ text: String) -> String? {
            do {
                _ = try expand(text)
                return nil
            } catch {
                return error.message
            }
        }
        #expect(message("'a") == "a single quote is not closed")
        #expect(message("\"a") == "a double quote is not closed")
        #expect(message("${a") == "\"${\" without the \"}\" that closes it")
        #expect(message("${a:?set it}") == "a: set it")
        #expect(message("${a?}") == "a: is not allowed to be unset")
        #expect(message("${a:=x}")?.hasPrefix("\":=\" cannot follow a variable's name") == true)
    }
}
