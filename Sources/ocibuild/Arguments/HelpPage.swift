/// The help, made from the same declarations that the parser reads.
struct HelpPage {
    /// How wide lines may be.
    let width: Int
    let style: Style

    init(width: Int = 80, style: Style = .plain) {
        self.width = min(max(width, 40), 110)
        self.style = style
    }

    /// The list of verbs.
    func overview(of verbs: [Verb]) -> String {
        var lines = [
            "ocibuild builds OCI images without Docker and without a daemon.", "",
            style.bold("Usage:") + " ocibuild COMMAND [OPTIONS]",
        ]
        let column = (verbs.map { heading(of: $0).count }.max() ?? 0) + 4
        for chapter in Verb.Chapter.allCases {
            let members = verbs.filter { $0.chapter == chapter }
            guard !members.isEmpty else { continue }
            lines += ["", style.bold(chapter.rawValue + ":")]
            for verb in members { lines += entry(heading(of: verb), verb.summary, column: column) }
        }
        lines += ["", style.bold("More help:")]
        for topic in HelpTopic.all { lines += entry("help \(topic.name)", topic.summary, column: 24) }
        lines += ["", style.bold(Flag.Section.global.rawValue + ":")]
        for flag in GlobalFlags.all { lines += entry(title(of: flag), flag.help, column: 24) }
        let ending =
            "`ocibuild help COMMAND` shows a command's options. Exit status: 0; the status of a failed RUN (124 when it took "
            + "longer than --timeout, 137 when it needed more than --memory); 125 when ocibuild itself fails; 2 for a "
            + "command line it does not understand; 130 when interrupted, 143 when terminated."
        lines += [""] + wrap(ending, to: width)
        return lines.joined(separator: "\n")
    }

    /// One verb's page.
    func page(for verb: Verb) -> String {
        let operands = verb.operands.map { operand in
            let name = operand.count.upperBound > 1 ? operand.name + "…" : operand.name
            return operand.count.lowerBound == 0 ? "[\(name)]" : name
        }
        let flags = (verb.flags + GlobalFlags.all).filter { !$0.isHidden }
        let usage =
            ["ocibuild", verb.name] + (verb.members.isEmpty ? [] : ["COMMAND"])
            + (flags.isEmpty ? [] : ["[OPTIONS]"]) + operands
        var lines = [style.bold("Usage:") + " " + usage.joined(separator: " "), "", verb.summary + "."]
        if !verb.aliases.isEmpty { lines += ["", "Also known as: " + verb.aliases.joined(separator: ", ")] }
        for paragraph in verb.details { lines += [""] + wrap(paragraph, to: width) }
        if !verb.members.isEmpty {
            lines.append("")
            for member in verb.members { lines += entry(heading(of: member), member.summary, column: 24) }
        }
        if !verb.operands.isEmpty {
            lines.append("")
            for operand in verb.operands { lines += entry(operand.name, operand.help, column: 24) }
        }
        for section in Flag.Section.allCases {
            let members = flags.filter { $0.section == section }
            guard !members.isEmpty else { continue }
            lines += ["", style.bold(section.rawValue + ":")]
            for flag in members { lines += entry(title(of: flag), help(of: flag), column: 24) }
        }
        if !verb.examples.isEmpty {
            lines += ["", style.bold("Examples:")]
            for example in verb.examples { lines += ["  " + example.line, "      " + style.dim(example.meaning)] }
        }
        return lines.joined(separator: "\n")
    }

    private func heading(of verb: Verb) -> String {
        ([verb.name] + verb.aliases).joined(separator: ", ")
    }

    private func title(of flag: Flag) -> String {
        let short = flag.short.map { "-\($0), " } ?? "    "
        let negatable = flag.isNegatable ? "[no-]" : ""
        let value = flag.valueName.map { flag.implied == nil ? " \($0)" : "[=\($0)]" } ?? ""
        return "\(short)--\(negatable)\(flag.name)\(value)"
    }

    private func help(of flag: Flag) -> String {
        var text = flag.help
        if flag.isRepeatable { text += " May be given more than once." }
        if !flag.aliases.isEmpty { text += " Also " + flag.aliases.map { "--\($0)" }.joined(separator: ", ") + "." }
        return text
    }

    /// A name and its explanation beside it, or below it where the name is too long.
    private func entry(_ name: String, _ text: String, column: Int) -> [String] {
        let wrapped = wrap(text, to: width - column)
        let indent = String(repeating: " ", count: column)
        let title = "  " + name
        if TextWidth.columns(title) + 2 > column {
            return [title] + wrapped.map { indent + $0 }
        }
        return [TextWidth.pad(title, to: column) + (wrapped.first ?? "")] + wrapped.dropFirst().map { indent + $0 }
    }

    func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, TextWidth.columns(line) + 1 + TextWidth.columns(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
