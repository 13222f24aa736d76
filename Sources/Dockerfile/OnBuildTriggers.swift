import BuildModel

/// The ONBUILD instructions that an image or an earlier stage hands to the stage that grows from it.
enum OnBuildTriggers {
    /// Reads them. They run where FROM stands, so errors and progress show its line.
    static func parse(_ triggers: [String], at from: InstructionNode, of file: ParsedDockerfile) throws(Diagnostic)
        -> [Instruction]
    {
        var instructions: [Instruction] = []
        for trigger in triggers {
            do throws(Diagnostic) {
                let text = try SourceText(DockerfileSource(name: "ONBUILD", text: trigger))
                let lines = try LineLexer.lines(of: text, directives: ParserDirectives())
                guard var line = lines.first, lines.count == 1 else {
                    throw text.diagnostic(.badTrigger, "a trigger is a single instruction", at: nil)
                }
                line.range = from.range
                let node = try NodeParser(source: text, escape: .backslash).node(line)
                if [.from, .onbuild, .maintainer].contains(node.keyword) {
                    throw text.diagnostic(.badTrigger, "\(node.keyword.name) cannot follow ONBUILD", at: nil)
                }
                instructions.append(try CommandParser(source: text).instruction(node))
            } catch {
                throw file.source.diagnostic(
                    .badTrigger, "the base image brings \"ONBUILD \(trigger)\", which cannot be run: \(error.message)",
                    at: from.range)
            }
        }
        return instructions
    }
}
