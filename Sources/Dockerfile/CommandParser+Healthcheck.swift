import BuildModel

extension CommandParser {
    /// Reads HEALTHCHECK.
    func healthcheck(_ node: InstructionNode) throws(Diagnostic) -> HealthcheckCommand {
        let flags = try InstructionFlags(
            node, of: source,
            allowed: [
                "interval": .value, "timeout": .value, "start-period": .value, "start-interval": .value,
                "retries": .value,
            ])
        guard case .check(let kind, let arguments) = node.arguments else {
            throw error(.badArguments, "HEALTHCHECK needs CMD and a command, or NONE", node)
        }
        if kind.lowercased.equals("none") {
            guard arguments == nil, node.flags.isEmpty else {
                throw error(.badArguments, "HEALTHCHECK NONE takes no flags and no command", node)
            }
            return HealthcheckCommand()
        }
        guard kind.lowercased.equals("cmd") else {
            throw error(
                .badArguments, "HEALTHCHECK knows CMD and NONE, not \"\(kind.string)\"", node,
                suggestion: NearMiss.of(kind.string, among: ["CMD", "NONE"]))
        }
        var check = HealthcheckCommand()
        switch arguments {
        case .strings(let strings) where !strings.isEmpty: check.line = .exec(strings)
        case .words(let words): check.line = words.first.map { .shell($0) }
        default: break
        }
        guard check.line != nil else { throw error(.badArguments, "HEALTHCHECK CMD needs a command", node) }
        check.interval = try duration("interval", flags, node)
        check.timeout = try duration("timeout", flags, node)
        check.startPeriod = try duration("start-period", flags, node)
        check.startInterval = try duration("start-interval", flags, node)
        if let text = flags["retries"] {
            guard let retries = Int(text), (0...Int(Int32.max)).contains(retries) else {
                throw error(.badFlag, "--retries takes a number from 0, not \"\(text)\"", node)
            }
            check.retries = retries
        }
        return check
    }

    private func duration(
        _ name: String, _ flags: InstructionFlags, _ node: InstructionNode
    ) throws(Diagnostic) -> Int64 {
        guard let text = flags[name] else { return 0 }
        guard let duration = Duration(goText: text), let nanoseconds = duration.wholeNanoseconds, nanoseconds >= 0
        else {
            throw error(.badFlag, "--\(name) takes a duration such as 30s or 1m30s, not \"\(text)\"", node)
        }
        guard nanoseconds == 0 || nanoseconds >= 1_000_000 else {
            throw error(.badFlag, "--\(name)=\(text) is less than a millisecond", node)
        }
        return nanoseconds
    }
}
