import LinuxSystem
import Testing

@testable import ShellText

/// Scripts that work are left alone: those of this machine, hundreds of them, by as many authors.
@Suite struct ScriptCorpusTests {
    @Test func theScriptsOfThisMachine() throws {
        var seen = 0
        var unreadable: [Path] = []
        for folder in ["/etc", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share"] {
            try Self.visit(Path(folder), depth: 0) { path, bytes in
                seen += 1
                if ShellLexer.tokens(of: bytes) == nil { unreadable.append(path) }
                let text = String(decoding: bytes, as: UTF8.self)
                let normalized = CommandText.normalized(text, rule: .auto)
                let isSame = Self.lines(normalized) == Self.lines(text)
                #expect(isSame, "\(path)\n\(Self.difference(text, normalized))")
            }
        }
        // What gzip, xz, git and the base system bring.
        #expect(seen >= 25, "only \(seen) shell scripts found on this machine")
        // Not a promise, but a lexer that gives up on what shells read would guard nothing.
        #expect(unreadable.count * 50 <= seen, "\(unreadable)")
    }

    /// The lines without the indentation that they share, and without blank ones at the ends.
    static func lines(_ text: String) -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let blank = { (line: Substring) in line.allSatisfy { $0 == " " || $0 == "\t" } }
        let kept = lines.drop(while: blank)
        let end = kept.lastIndex { !blank($0) }.map { $0 + 1 } ?? kept.startIndex
        let margin = kept[..<end].filter { !blank($0) }.map { $0.prefix { $0 == " " || $0 == "\t" }.count }.min() ?? 0
        return kept[..<end].map { blank($0) ? "" : $0.dropFirst(margin) }
    }

    static func difference(_ text: String, _ normalized: String) -> String {
        let (before, after) = (lines(text), lines(normalized))
        let index = zip(before, after).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return before.dropFirst(max(0, index - 1)).prefix(3).joined(separator: "\n") + "\n->\n"
            + after.dropFirst(max(0, index - 1)).prefix(3).joined(separator: "\n")
    }

    /// Calls `body` for the shell scripts below `folder`: by the ending of their name, or by their first line.
    static func visit(_ folder: Path, depth: Int, _ body: (Path, [UInt8]) throws -> Void) throws {
        guard depth < 6, let entries = try? DirectoryListing.entries(at: folder) else { return }
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            let path = folder / entry.name
            guard let status = try? FileSystem.status(path, at: FileSystem.workingDirectory) else { continue }
            if status.type == .directory {
                try visit(path, depth: depth + 1, body)
            } else if status.type == .regular, status.size < 200_000 {
                let isNamed = path.bytes.suffix(3).elementsEqual(".sh".utf8)
                // Other files are looked at only where programs are.
                guard isNamed || depth == 0 && folder.bytes.suffix(3).elementsEqual("bin".utf8) || depth == 1,
                    let bytes = try? FileSystem.readFile(path)
                else { continue }
                let first = String(decoding: bytes.prefix { $0 != 0x0A }.prefix(40), as: UTF8.self)
                let isScript =
                    first.hasPrefix("#!") && ["/sh", "/bash", "/dash", "/ash"].contains { first.contains($0) }
                if isScript || (isNamed && !first.hasPrefix("#!")) { try body(path, bytes) }
            }
        }
    }
}
