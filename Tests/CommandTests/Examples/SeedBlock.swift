import Codecs
import LinuxSystem
import OCISpec
import TestSupport

/// One fenced block of a document that says what users know.
struct SeedBlock: Sendable {
    /// The document's name without `.md`.
    let document: String
    /// The line of its first fence, counted from 1.
    let line: Int
    /// What the fence calls its language; empty where it says nothing.
    let language: String
    /// The heading above it.
    let heading: String
    /// What is between the fences, without the indentation of the fences.
    let text: String

    /// The documents.
    static let documents = ["chutes-images", "chutes-image-reference", "beaker-images"]

    /// The blocks of a document, in order.
    static func all(of document: String) throws -> [SeedBlock] {
        let bytes = try ConformanceData.bytes("../seeds/\(document).md")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        var blocks: [SeedBlock] = []
        var heading = ""
        var open: (line: Int, indentation: Int, language: String)?
        var content: [Substring] = []
        for (index, line) in lines.enumerated() {
            let trimmed = line.drop { $0 == " " }
            if let fence = open {
                if trimmed == "```" {
                    blocks.append(
                        SeedBlock(
                            document: document, line: fence.line, language: fence.language, heading: heading,
                            text: content.joined(separator: "\n") + "\n"))
                    open = nil
                } else {
                    content.append(line.dropFirst(min(fence.indentation, line.count - trimmed.count)))
                }
            } else if trimmed.hasPrefix("```") {
                open = (index + 1, line.count - trimmed.count, String(trimmed.dropFirst(3)))
                content = []
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        return blocks
    }

    /// What surrounds a Python block so that it can be run; see `Fixtures/examples/run_block.py`.
    var mode: String {
        let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
        let dense = code.joined().filter { $0 != " " }
        if dense.hasPrefix(".") { return "method" }
        if dense.hasPrefix("image=image.") || dense.hasPrefix("image=(image.") { return "derived" }
        let isHead = dense.hasPrefix("def") && code.count == 1
        return isHead || dense.contains("username:str,name:str,tag:str=") && !dense.contains("def")
            ? "signature" : "statements"
    }

    /// A name for the table; it changes with the block.
    var title: String {
        "\(document):\(line) \(heading) [\(Digest.sha256(of: Array(text.utf8)).hex.prefix(8))]"
    }
}
