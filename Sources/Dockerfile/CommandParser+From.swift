import BuildModel

extension CommandParser {
    /// Reads FROM, the beginning of stage number `index`.
    func stage(_ node: InstructionNode, index: Int) throws(Diagnostic) -> Stage {
        let flags = try InstructionFlags(node, of: source, allowed: ["platform": .value])
        guard case .words(let words) = node.arguments, let base = words.first else {
            throw error(.badArguments, "FROM needs an image: FROM image, or FROM scratch", node)
        }
        var name: String?
        switch words.count {
        case 1: break
        case 3 where words[1].lowercased.equals("as"):
            name = words[2].lowercased.string
        default:
            throw error(.badArguments, "FROM takes an image, or an image and a name: FROM image AS name", node)
        }
        if let name, !Self.isStageName(Array(name.utf8)) {
            throw error(
                .badArguments,
                "\"\(name)\" cannot name a stage: a name begins with a letter, and letters, digits, "
                    + "\"-\", \"_\" and \".\" follow", node)
        }
        return Stage(
            index: index, name: name, base: base, platform: flags.text("platform"), node: node)
    }

    private static func isStageName(_ name: ByteText) -> Bool {
        guard let first = name.first, first.isLetter else { return false }
        return name.allSatisfy { $0.isLetter || $0.isDigit || "-_.".utf8.contains($0) }
    }
}
