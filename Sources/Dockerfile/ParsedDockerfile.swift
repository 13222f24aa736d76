import BuildModel

/// A Dockerfile that was read: stages with their instructions, checked as far as that is possible without knowing
/// the base images. `lower` makes a plan of it.
package struct ParsedDockerfile: Sendable {
    let source: SourceText
    /// What the lines at the top say.
    package let directives: ParserDirectives
    /// ARG instructions before the first FROM.
    let globals: [Instruction]
    let stages: [Stage]
    /// What reading found; `lower` passes them on.
    let parseWarnings: [PlanWarning]

    /// Reads a Dockerfile.
    package init(parsing source: DockerfileSource) throws(Diagnostic) {
        let text = try SourceText(source)
        let directives = try ParserDirectives(text)
        let lines = try LineLexer.lines(of: text, directives: directives)
        guard !lines.isEmpty else {
            throw text.diagnostic(
                .empty, "the file has no instructions; a Dockerfile begins with FROM image", at: nil)
        }
        let parser = NodeParser(source: text, escape: directives.escape)
        let commands = CommandParser(source: text)
        var globals: [Instruction] = []
        var stages: [Stage] = []
        var review = SyntaxReview(source: text)
        for line in lines {
            let node = try parser.node(line)
            review.look(at: line, node)
            if node.keyword == .from {
                stages.append(try commands.stage(node, index: stages.count))
                continue
            }
            guard !stages.isEmpty else {
                guard node.keyword == .arg else {
                    throw text.diagnostic(
                        .noFrom, "\(node.keyword.name) stands before the first FROM; only ARG may", at: node.range)
                }
                globals.append(try commands.instruction(node))
                continue
            }
            stages[stages.count - 1].instructions.append(try commands.instruction(node))
        }
        guard !stages.isEmpty else {
            throw text.diagnostic(
                .noFrom, "the file has no FROM; name the image to start from, or FROM scratch", at: lines.last?.range)
        }
        self.source = text
        self.directives = directives
        self.globals = globals
        self.stages = stages
        parseWarnings = review.warnings
    }

    /// A file that a program composed.
    init(source: SourceText, globals: [Instruction], stages: [Stage], warnings: [PlanWarning]) {
        self.source = source
        directives = ParserDirectives()
        self.globals = globals
        self.stages = stages
        parseWarnings = warnings
    }

    /// What messages call the file.
    package var name: String { source.name }

    /// The name of each stage, or its number where it has none, in order.
    package var stageLabels: [String] { stages.map(\.label) }

    /// The lines of `range`, numbered and marked, with one line of context on either side.
    package func excerpt(for range: SourceRange) -> String { source.excerpt(for: range) }
}
