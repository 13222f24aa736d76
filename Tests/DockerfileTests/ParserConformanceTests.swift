import LinuxSystem
import TestSupport
import Testing

@testable import Dockerfile

/// Every Dockerfile of the parser's conformance set is read as its result file says.
@Suite(.conformance) struct ParserConformanceTests {
    private func nodes(_ bytes: [UInt8]) throws -> [InstructionNode] {
        let text = try SourceText(DockerfileSource(bytes: bytes))
        let directives = try ParserDirectives(text)
        let parser = NodeParser(source: text, escape: directives.escape)
        return try LineLexer.lines(of: text, directives: directives).map { try parser.node($0) }
    }

    @Test func valid() throws {
        let folders = try ConformanceData.folders("dockerfile-parser/valid")
        #expect(folders.count >= 30)
        for folder in folders {
            let nodes = try nodes(FileSystem.readFile(folder / "Dockerfile"))
            let expected = String(decoding: try FileSystem.readFile(folder / "result"), as: UTF8.self)
            let lines = expected.split(separator: "\n").map(String.init)
            #expect(nodes.map { dump($0) } == lines, "\(folder)")
        }
    }

    @Test func invalid() throws {
        let folders = try ConformanceData.folders("dockerfile-parser/invalid")
        #expect(folders.count >= 4)
        for folder in folders {
            let bytes = try FileSystem.readFile(folder / "Dockerfile")
            #expect(throws: Diagnostic.self, "\(folder)") {
                try ParsedDockerfile(parsing: DockerfileSource(bytes: bytes))
            }
        }
    }

    /// The notation of the result files.
    private func dump(_ node: InstructionNode) -> String {
        var parts = [node.keyword.rawValue]
        if !node.flags.isEmpty { parts.append("[\(node.flags.map { quoted($0) }.joined(separator: " "))]") }
        parts += dump(node.arguments, node.keyword)
        return "(\(parts.joined(separator: " ")))"
    }

    private func dump(_ arguments: InstructionNode.Arguments, _ keyword: Keyword) -> [String] {
        switch arguments {
        case .none: []
        case .strings(let words), .words(let words): words.map { quoted($0) }
        case .pairs(let pairs):
            pairs.flatMap { [quoted($0.name), quoted($0.value), quoted($0.hasEquals ? [UInt8(ascii: "=")] : [])] }
        case .instruction(let node): [dump(node)]
        case .check(let kind, let command): [quoted(kind)] + (command.map { dump($0, keyword) } ?? [])
        }
    }

    private func quoted(_ text: [UInt8]) -> String {
        var result = "\""
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\0": result += "\\x00"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
