import Dockerfile
import OCISpec

/// A value in a plan's document, with its path.
struct PlanNode {
    let document: String
    let path: String
    let value: JSONValue

    func error(_ message: String, suggestion: String? = nil) -> PlanDocumentError {
        PlanDocumentError(path.isEmpty ? document : "\(document): \(path)", message, suggestion: suggestion)
    }

    private func mismatch(_ expected: String) -> PlanDocumentError {
        let found =
            switch value {
            case .null: "null"
            case .bool: "true or false"
            case .integer, .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return error("\(expected) is expected here, not \(found)")
    }

    func child(_ key: String, _ value: JSONValue) -> PlanNode {
        PlanNode(document: document, path: path.isEmpty ? key : "\(path).\(key)", value: value)
    }

    /// The members of an object whose keys are all among `allowed`.
    func members(_ allowed: [String], _ what: String = "key") throws(PlanDocumentError) -> PlanMembers {
        guard case .object(let values) = value else { throw mismatch("an object") }
        for key in values.keys.sorted() where !allowed.contains(key) {
            let near = NearMiss.of(key, among: allowed)
            let known = near == nil ? "; one of \(allowed.joined(separator: ", ")) is expected" : ""
            throw child(key, .null).error("unknown \(what)\(known)", suggestion: near)
        }
        return PlanMembers(node: self, values: values)
    }

    var isObject: Bool {
        if case .object = value { true } else { false }
    }

    var isArray: Bool {
        if case .array = value { true } else { false }
    }

    var isInteger: Bool {
        if case .integer = value { true } else { false }
    }

    func elements() throws(PlanDocumentError) -> [PlanNode] {
        guard case .array(let values) = value else { throw mismatch("an array") }
        return values.enumerated().map { PlanNode(document: document, path: "\(path)[\($0)]", value: $1) }
    }

    func string() throws(PlanDocumentError) -> String {
        guard case .string(let text) = value else { throw mismatch("a string") }
        guard !text.utf8.contains(0) else { throw error("a NUL character, which nothing in an image may hold") }
        return text
    }

    func strings() throws(PlanDocumentError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.string()) }
        return texts
    }

    func bool() throws(PlanDocumentError) -> Bool {
        guard case .bool(let value) = value else { throw mismatch("true or false") }
        return value
    }

    func integer(in range: ClosedRange<Int64>) throws(PlanDocumentError) -> Int {
        guard case .integer(let number) = value else { throw mismatch("a whole number") }
        guard range.contains(number) else {
            throw error("\(number) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return Int(number)
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type
    ) throws(PlanDocumentError) -> Choice {
        let text = try string()
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        throw error(
            "\"\(text)\" is none of \(names.joined(separator: ", "))", suggestion: NearMiss.of(text, among: names))
    }

    /// A literal string, or `{"expand": "$NAME"}`.
    func text() throws(PlanDocumentError) -> StepText {
        guard isObject else { return .literal(try string()) }
        let members = try members(["expand"])
        return .expanding(try members.required("expand").string())
    }

    func texts() throws(PlanDocumentError) -> [StepText] {
        var texts: [StepText] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    /// `"shell text"` or `["exec", "form"]`.
    func command() throws(PlanDocumentError) -> CommandForm {
        isArray ? .exec(try strings()) : .shell(try string())
    }
}

/// The members of an object in a plan's document.
struct PlanMembers {
    let node: PlanNode
    let values: [String: JSONValue]

    /// The member of that name; nil where there is none, or null.
    subscript(key: String) -> PlanNode? {
        guard let value = values[key], value != .null else { return nil }
        return node.child(key, value)
    }

    func required(_ key: String) throws(PlanDocumentError) -> PlanNode {
        guard let found = self[key] else { throw node.child(key, .null).error("is missing") }
        return found
    }
}
