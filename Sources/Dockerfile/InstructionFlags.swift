import BuildModel

/// The flags of one instruction, checked against those that it has.
struct InstructionFlags {
    enum Kind {
        case value, boolean
        /// A value; the flag may be repeated.
        case list
    }

    private var values: [String: [String]] = [:]

    init(
        _ node: InstructionNode, of source: SourceText, allowed: KeyValuePairs<String, Kind>
    ) throws(Diagnostic) {
        for flag in node.flags {
            let body = flag.dropFirst(2)
            let name = body.prefix { $0 != .equals }.string
            let value = body.firstIndex(of: .equals).map { body[($0 + 1)...].string }
            guard let kind = allowed.first(where: { $0.key == name })?.value else {
                let known = allowed.map { "--\($0.key)" }
                let list = known.isEmpty ? "it takes none" : "its flags are \(known.joined(separator: ", "))"
                throw source.diagnostic(
                    .badFlag, "\(node.keyword.name) has no flag --\(name); \(list)", at: node.range,
                    suggestion: NearMiss.of(name, among: allowed.map(\.key)).map { "--\($0)" })
            }
            if kind == .boolean {
                guard ["true", "false", nil].contains(value) else {
                    throw source.diagnostic(
                        .badFlag, "--\(name) takes true or false, not \"\(value ?? "")\"", at: node.range)
                }
            } else if value == nil {
                throw source.diagnostic(
                    .badFlag, "--\(name) needs a value: --\(name)=…", at: node.range)
            }
            guard kind == .list || values[name] == nil else {
                throw source.diagnostic(.badFlag, "--\(name) is given twice", at: node.range)
            }
            values[name, default: []].append(value ?? "true")
        }
    }

    /// The value of a flag; nil when it is absent.
    subscript(name: String) -> String? { values[name]?.last }

    /// All values of a flag that may be repeated.
    func list(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of a flag as text that may hold variables.
    func text(_ name: String) -> ByteText? { self[name].map { Array($0.utf8) } }

    /// Whether a flag is present, and not turned off by "=false".
    func has(_ name: String) -> Bool { values[name] != nil && self[name] != "false" }
}
