import OCIBuild

/// Reads `build --output`: `type=oci,dest=PATH`, or a path alone.
enum OutputOption {
    /// Other names for the types, and for the fields.
    private static let typeAliases = ["local": "dir", "oci-archive": "oci", "docker-archive": "docker"]
    private static let fieldAliases = ["destination": "dest", "path": "dest"]

    /// The output that `text` asks for.
    static func parse(_ text: String) throws(UsageError) -> BuildOutput {
        func failure(_ message: String) -> UsageError {
            UsageError(verb: "build", message: "--output \"\(TerminalText.escape(text))\": \(message)")
        }
        guard text.contains("=") else {
            guard !text.isEmpty else { throw failure("needs type=\(kinds),dest=PATH") }
            return BuildOutput(kind: text == "-" ? .tar : .dir, destination: text)
        }
        var fields: [String: String] = [:]
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw failure("\"\(TerminalText.escape(String(field)))\" is not NAME=VALUE") }
            let name = fieldAliases[parts[0]] ?? parts[0]
            guard name == "type" || name == "dest" else {
                let question = Suggestion.question(for: name, among: ["type", "dest"])
                throw failure("unknown field \"\(TerminalText.escape(name))\".\(question)")
            }
            guard fields.updateValue(parts[1], forKey: name) == nil else { throw failure("\(name) is given twice") }
        }
        guard let name = fields["type"] else { throw failure("has no type: \(kinds)") }
        guard let kind = BuildOutput.Kind(rawValue: typeAliases[name] ?? name) else {
            let question = Suggestion.question(for: name, among: BuildOutput.Kind.allCases.map(\.rawValue))
            throw failure("the type \"\(TerminalText.escape(name))\" is none of \(kinds).\(question)")
        }
        guard let place = fields["dest"], !place.isEmpty else { throw failure("has no dest=PATH") }
        guard place != "-" || kind != .dir else { throw failure("a folder cannot be written to standard output") }
        return BuildOutput(kind: kind, destination: place)
    }

    private static var kinds: String { BuildOutput.Kind.allCases.map(\.rawValue).joined(separator: "|") }
}
