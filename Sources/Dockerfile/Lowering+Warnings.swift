import BuildModel

extension Lowering {
    /// Build arguments that no ARG of the file declares.
    mutating func noteUnusedBuildArgs() {
        var declared = Set(LoweringOptions.proxyNames)
        declared.formUnion(LoweringOptions.builderNames)
        declared.formUnion(graph.options.platformVariables.map(\.name))
        declared.formUnion(declaredNames.map(\.string))
        for instruction in graph.file.globals + graph.file.stages.flatMap(\.instructions) {
            if case .arg(let declarations) = instruction.command {
                declared.formUnion(declarations.map(\.name.string))
            }
        }
        let unused = graph.options.buildArgs.keys.filter { !declared.contains($0) && !$0.hasPrefix("BUILDKIT_") }
        guard !unused.isEmpty else { return }
        let names = unused.sorted().joined(separator: ", ")
        warn(
            "unused-build-arg",
            "one or more build-args [\(names)] were not consumed: no ARG declares them", nil)
    }

    /// Looks for `$NAME` in a text that goes to the shell, where NAME was declared before the first FROM only: there
    /// the shell finds nothing. A text that sets the name itself is left in peace.
    mutating func noteUndeclaredGlobals(in text: ByteText, _ instruction: Instruction, _ state: StageState) {
        for name in undeclarableGlobals.sorted(by: { $0.lexicographicallyPrecedes($1) })
        where isUndeclaredGlobal(name, state) && Self.uses(name, in: text) {
            warnAboutGlobal(name, instruction)
        }
    }

    private static func uses(_ name: ByteText, in text: ByteText) -> Bool {
        var isUsed = false
        var index = text.startIndex
        while let found = text[index...].firstIndex(of: name[0]) {
            index = found + 1
            guard text[found...].starts(with: name) else { continue }
            let end = found + name.count
            let next = end < text.count ? text[end] : 0x20
            if next.isLetter || next.isDigit || next == UInt8(ascii: "_") { continue }
            let before = found > 0 ? text[found - 1] : 0x20
            if before == .dollar || (before == UInt8(ascii: "{") && found > 1 && text[found - 2] == .dollar) {
                isUsed = true
            } else if !before.isLetter, !before.isDigit, before != UInt8(ascii: "_") {
                // "NAME=…", "read NAME", "for NAME in": the command sets it.
                return false
            }
        }
        return isUsed
    }
}
