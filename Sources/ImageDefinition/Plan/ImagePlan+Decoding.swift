import BuildModel
import OCISpec

extension ImagePlan {
    /// The largest document that is read, in bytes.
    private static let limit = 16 << 20

    /// Reads a plan. Errors name the path in the document ("stages[0].steps[3].rum").
    /// - Parameter name: what messages call the document.
    public init(parsing json: [UInt8], name: String = "plan") throws(PlanDocumentError) {
        let value: JSONValue
        do {
            value = try CanonicalJSON.decode(JSONValue.self, from: json, limit: Self.limit)
        } catch {
            throw PlanDocumentError(name, "the plan is no JSON document that can be read: \(error)")
        }
        try self.init(PlanNode(document: name, path: "", value: value))
    }

    private init(_ root: PlanNode) throws(PlanDocumentError) {
        self.init()
        documentName = root.document
        isDocument = true
        let members = try root.members([
            "version", "image", "target", "arguments", "stages", "warnings",
        ])
        let version = try members.required("version")
        guard case .integer(Int64(Self.version)) = version.value else {
            throw version.error("this builder reads version \(Self.version) of the plan")
        }
        if let image = members["image"] { identity = try Self.identity(image) }
        for argument in try members["arguments"]?.elements() ?? [] {
            arguments.append(try Self.argument(argument))
        }
        let stages = try members.required("stages")
        for stage in try stages.elements() { self.stages.append(try Self.stage(stage)) }
        guard !self.stages.isEmpty else { throw stages.error("a plan has at least one stage") }
        target = try members["target"]?.string()
        for note in try members["warnings"]?.elements() ?? [] {
            let members = try note.members(["code", "message", "source"])
            notes.append(
                Note(
                    code: try members["code"]?.string() ?? "plan", message: try members.required("message").string(),
                    origin: try members["source"].map(Self.origin)))
        }
    }

    private static func identity(_ node: PlanNode) throws(PlanDocumentError) -> Identity {
        let members = try node.members(["username", "name", "tag", "readme", "description"])
        func checked(_ key: String, _ rule: ImageName.Part) throws(PlanDocumentError) -> String? {
            guard let node = members[key] else { return nil }
            let text = try node.string()
            if let problem = rule.problem(with: text) { throw node.error(problem) }
            return text
        }
        var identity = Identity()
        identity.username = try checked("username", .username)
        identity.name = try checked("name", .name)
        identity.tag = try checked("tag", .tag)
        identity.readme = try members["readme"]?.string()
        identity.description = try members["description"]?.string()
        return identity
    }

    static func origin(_ node: PlanNode) throws(PlanDocumentError) -> SourceOrigin {
        let members = try node.members(["file", "line"])
        return SourceOrigin(
            file: try members.required("file").string(), line: try members.required("line").integer(in: 1...1 << 40))
    }

    private static func stage(_ node: PlanNode) throws(PlanDocumentError) -> Stage {
        let members = try node.members(["name", "base", "platform", "steps"])
        guard let base = members["base"] else {
            throw node.child("base", .null).error(
                "is missing: say what the image starts from with from_base (fromBase in Swift), such as "
                    + "\"python:3.11-slim\"")
        }
        var stage = Stage(
            name: try members["name"]?.string(), base: try Self.base(base), platform: try members["platform"]?.text())
        for step in try members["steps"]?.elements() ?? [] { stage.steps.append(try PlanStepReader(step).step) }
        return stage
    }

    private static func base(_ node: PlanNode) throws(PlanDocumentError) -> Base {
        guard node.isObject else {
            let text = try node.string()
            return text == "scratch" ? .scratch : .image(.literal(text))
        }
        let members = try node.members(["stage", "expand"])
        if members["stage"] == nil, let text = members["expand"] { return .image(.expanding(try text.string())) }
        return .stage(try members.required("stage").string())
    }

    static func argument(_ node: PlanNode) throws(PlanDocumentError) -> NamedArgument {
        let members = try node.members(["name", "default"])
        return NamedArgument(
            try members.required("name").text(), defaultValue: try members["default"]?.text())
    }
}
