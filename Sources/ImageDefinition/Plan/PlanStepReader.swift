import BuildModel
import OCISpec
import ShellText

/// Reads one step of a plan's document.
struct PlanStepReader {
    /// The keys that say what a step does; a step has exactly one.
    static let kinds = [
        "run", "copy", "add", "env", "label", "argument", "workdir", "user", "entrypoint", "cmd", "expose", "volume",
        "stopSignal", "shell", "maintainer", "healthcheck", "onBuild", "python",
    ]

    let step: PlacedStep

    init(_ node: PlanNode) throws(PlanDocumentError) {
        let members = try node.members(Self.kinds + ["source"], "step")
        let found = Self.kinds.filter { members.values[$0] != nil }
        guard found.count == 1, let kind = found.first else {
            let problem = found.isEmpty ? "the step says nothing" : "the step says \(found.joined(separator: " and "))"
            throw node.error("\(problem); exactly one of \(Self.kinds.joined(separator: ", ")) is expected")
        }
        step = PlacedStep(
            step: try Self.step(kind, try members.required(kind)),
            origin: try members["source"].map(ImagePlan.origin))
    }

    private static func step(_ kind: String, _ node: PlanNode) throws(PlanDocumentError) -> ImageStep {
        switch kind {
        case "run": .run(try run(node))
        case "copy": .copy(try copy(node, isAdd: false))
        case "add": .add(try copy(node, isAdd: true))
        case "env": .environment(try list(node, pair))
        case "label": .labels(try list(node, pair))
        case "argument": .arguments(try list(node, ImagePlan.argument))
        case "workdir": .workdir(try node.text())
        case "user": .user(try node.text())
        case "entrypoint": .entrypoint(try node.command())
        case "cmd": .cmd(try node.command())
        case "expose": .expose(try list(node, port))
        case "volume": .volumes(try list(node) { (node) throws(PlanDocumentError) in try node.text() })
        case "stopSignal": .stopSignal(try node.text())
        case "shell": .shell(try node.strings())
        case "maintainer": .maintainer(try node.string())
        case "healthcheck": .healthcheck(try healthcheck(node))
        case "onBuild": .onBuild(try node.string())
        default: .python(try node.string())
        }
    }

    /// One value, or an array of them that form one step.
    private static func list<Value>(
        _ node: PlanNode, _ read: (PlanNode) throws(PlanDocumentError) -> Value
    ) throws(PlanDocumentError) -> [Value] {
        guard node.isArray else { return [try read(node)] }
        var values: [Value] = []
        for element in try node.elements() { values.append(try read(element)) }
        guard !values.isEmpty else { throw node.error("the array is empty") }
        return values
    }

    private static func pair(_ node: PlanNode) throws(PlanDocumentError) -> NamedText {
        let members = try node.members(["name", "value"])
        return NamedText(try members.required("name").text(), try members.required("value").text())
    }

    private static func port(_ node: PlanNode) throws(PlanDocumentError) -> StepText {
        guard node.isInteger else { return try node.text() }
        return .literal("\(try node.integer(in: 0...65_535))")
    }

    private static func run(_ node: PlanNode) throws(PlanDocumentError) -> RunAction {
        guard node.isObject else { return RunAction(.shell(try node.string())) }
        let members = try node.members([
            "command", "arguments", "newlines", "script", "scriptName", "user", "network", "mounts",
        ])
        let action: RunAction
        if let arguments = members["arguments"] {
            if let command = members["command"] { throw command.error("stands beside \"arguments\"; one says it all") }
            action = RunAction(.exec(try arguments.strings()))
        } else {
            action = RunAction(.shell(try members.required("command").string()))
        }
        return try finish(action, members)
    }

    private static func finish(_ action: RunAction, _ members: PlanMembers) throws(PlanDocumentError) -> RunAction {
        var action = action
        if let newlines = members["newlines"] { action.newlines = try newlines.choice(NewlineRule.self) }
        if let script = members["script"] {
            action.isScript = try script.bool()
            if action.isScript, case .exec = action.command { throw script.error("\"arguments\" are no script") }
            if action.isScript, action.newlines != .literal {
                throw script.error("a script's line breaks are literal; leave \"newlines\" out")
            }
        }
        action.scriptName = try members["scriptName"]?.string()
        action.user = try members["user"]?.string()
        if let network = members["network"] { action.network = try network.choice(RunAction.Network.self) }
        for mount in try members["mounts"]?.elements() ?? [] { action.mounts.append(try self.mount(mount)) }
        return action
    }

    private static func mount(_ node: PlanNode) throws(PlanDocumentError) -> MountAction {
        let members = try node.members([
            "type", "target", "source", "from", "id", "readonly", "sharing", "uid", "gid", "mode", "size", "required",
            "env",
        ])
        var mount = MountAction(try members.required("type").choice(MountAction.Kind.self))
        mount.target = try members["target"]?.text()
        mount.source = try members["source"]?.text()
        mount.from = try members["from"].map(origin)
        mount.id = try members["id"]?.text()
        mount.isReadOnly = try members["readonly"]?.bool()
        mount.sharing = try members["sharing"]?.string()
        mount.uid = try members["uid"]?.integer(in: 0...0xFFFF_FFFE)
        mount.gid = try members["gid"]?.integer(in: 0...0xFFFF_FFFE)
        mount.mode = try members["mode"]?.string()
        if let size = members["size"] {
            if size.isInteger {
                mount.size = "\(try size.integer(in: 0...Int64.max))"
            } else {
                mount.size = try size.string()
            }
        }
        mount.isRequired = try members["required"]?.bool()
        mount.variable = try members["env"]?.string()
        return mount
    }

    private static func origin(_ node: PlanNode) throws(PlanDocumentError) -> StepOrigin {
        guard node.isObject else { return .stage(try node.string()) }
        let members = try node.members(["image"])
        return .image(try members.required("image").string())
    }

    private static func copy(_ node: PlanNode, isAdd: Bool) throws(PlanDocumentError) -> CopyAction {
        let common = ["sources", "destination", "owner", "mode", "exclude"]
        let members = try node.members(common + (isAdd ? ["checksum", "keepGitDir", "unpack"] : ["from"]))
        let sources = try members.required("sources")
        var action = CopyAction([], to: try members.required("destination").text())
        for source in try sources.elements() {
            guard case .object(let values) = source.value, values["expand"] == nil else {
                action.sources.append(try source.text())
                continue
            }
            let file = try source.members(["name", "content"])
            action.files.append(
                InlineText(try file.required("name").string(), try file.required("content").text()))
        }
        guard !(action.sources.isEmpty && action.files.isEmpty) else { throw sources.error("names nothing to copy") }
        action.from = try members["from"].map(origin)
        action.owner = try members["owner"]?.text()
        action.mode = try members["mode"]?.text()
        action.exclude = try members["exclude"]?.strings() ?? []
        action.checksum = try members["checksum"]?.string()
        action.keepsGitFolder = try members["keepGitDir"]?.bool() ?? false
        action.unpacks = try members["unpack"]?.bool()
        return action
    }

    private static func healthcheck(_ node: PlanNode) throws(PlanDocumentError) -> HealthcheckAction? {
        guard node.isObject else {
            guard try node.string() == "none" else {
                throw node.error("\"none\" or an object with a \"command\" is expected")
            }
            return nil
        }
        let members = try node.members(["command", "interval", "timeout", "startPeriod", "startInterval", "retries"])
        var action = HealthcheckAction(try members.required("command").command())
        action.interval = try members["interval"]?.string()
        action.timeout = try members["timeout"]?.string()
        action.startPeriod = try members["startPeriod"]?.string()
        action.startInterval = try members["startInterval"]?.string()
        action.retries = try members["retries"]?.integer(in: 0...Int64(Int32.max))
        return action
    }
}
