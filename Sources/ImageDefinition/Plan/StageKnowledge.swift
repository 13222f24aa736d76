import BuildModel
import ShellText

/// What a plan tells of a stage's image so far; the lints of commands judge by it.
struct StageKnowledge {
    private(set) var context = CommandContext()

    /// A stage that starts from an image.
    init(base: String) {
        context.base = base
    }

    /// Takes note of what a step does.
    mutating func note(_ step: ImageStep) {
        switch step {
        // Which user a variable names is not known, so nothing is said of it.
        case .user(.expanding(let text)) where text.contains("$"): context.user = nil
        case .user(let text): context.user = text.text
        case .workdir(let text): context.workdir = absolute(text.text)
        case .shell(let words): context.shell = words
        case .copy(let action), .add(let action): context.addedPaths.append(absolute(action.destination.text))
        case .run(let action):
            switch action.command {
            case .shell(let text): context.earlierCommands.append(text)
            case .exec(let words): context.earlierCommands.append(words.joined(separator: " "))
            }
        default: break
        }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(context.workdir == "/" ? "" : context.workdir)/\(path)"
    }

    /// What a shell command would do that its author cannot have meant.
    func findings(in action: RunAction) -> [CommandFinding] {
        guard case .shell(let text) = action.command, !action.isScript else { return [] }
        var context = context
        context.rule = action.newlines
        if let user = action.user { context.user = user }
        for mount in action.mounts where mount.kind == .bind || mount.kind == .secret {
            if let target = mount.target { context.addedPaths.append(absolute(target.text)) }
        }
        return CommandLint.findings(in: text, context: context)
    }
}
