import OCISpec
import ShellText

extension ImageStep {
    /// The step's key in a plan, and its value.
    var json: (kind: String, value: JSONValue) {
        switch self {
        case .run(let action): ("run", action.json)
        case .copy(let action): ("copy", action.json)
        case .add(let action): ("add", action.json)
        case .environment(let pairs): ("env", .oneOrMore(pairs.map(\.json)))
        case .labels(let pairs): ("label", .oneOrMore(pairs.map(\.json)))
        case .arguments(let arguments): ("argument", .oneOrMore(arguments.map(\.json)))
        case .workdir(let text): ("workdir", text.json)
        case .user(let text): ("user", text.json)
        case .entrypoint(let command): ("entrypoint", command.json)
        case .cmd(let command): ("cmd", command.json)
        case .expose(let ports): ("expose", .oneOrMore(ports.map(\.json)))
        case .volumes(let paths): ("volume", .oneOrMore(paths.map(\.json)))
        case .stopSignal(let text): ("stopSignal", text.json)
        case .shell(let words): ("shell", .strings(words))
        case .maintainer(let name): ("maintainer", .string(name))
        case .healthcheck(let action): ("healthcheck", action?.json ?? .string("none"))
        case .onBuild(let instruction): ("onBuild", .string(instruction))
        case .python(let version): ("python", .string(version))
        }
    }
}

extension NamedText {
    fileprivate var json: JSONValue { .object(["name": name.json, "value": value.json]) }
}

extension CommandForm {
    fileprivate var json: JSONValue {
        switch self {
        case .shell(let text): .string(text)
        case .exec(let words): .strings(words)
        }
    }
}

extension StepOrigin {
    /// A definition within an image has become a stage before a plan is written.
    fileprivate var json: JSONValue {
        switch self {
        case .stage(let name): .string(name)
        case .image(let reference): .object(["image": .string(reference)])
        case .definition(let image): .string(image.name)
        }
    }
}

extension RunAction {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue?] = [
            "newlines": newlines == .literal ? nil : .string(newlines.rawValue), "script": isScript ? .bool(true) : nil,
            "scriptName": scriptName.map { .string($0) },
            "user": user.map { .string($0) }, "network": network == .default ? nil : .string(network.rawValue),
            "mounts": mounts.isEmpty ? nil : .array(mounts.map(\.json)),
        ]
        switch command {
        case .shell(let text):
            let isPlain = members.values.allSatisfy { $0 == nil }
            if isPlain { return .string(text) }
            members["command"] = .string(text)
        case .exec(let words): members["arguments"] = .strings(words)
        }
        return .members(members)
    }
}

extension MountAction {
    fileprivate var json: JSONValue {
        func number(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }
        func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
        return .members([
            "type": .string(kind.rawValue), "target": target?.json, "source": source?.json, "from": from?.json,
            "id": id?.json, "readonly": isReadOnly.map { .bool($0) }, "sharing": text(sharing), "uid": number(uid),
            "gid": number(gid), "mode": text(mode), "size": text(size), "required": isRequired.map { .bool($0) },
            "env": text(variable),
        ])
    }
}

extension CopyAction {
    fileprivate var json: JSONValue {
        .members([
            "sources": .array(
                sources.map(\.json)
                    + files.map { .object(["name": .string($0.name), "content": $0.content.json]) }),
            "destination": destination.json, "from": from?.json,
            "owner": owner?.json, "mode": mode?.json, "exclude": exclude.isEmpty ? nil : .strings(exclude),
            "checksum": checksum.map { .string($0) }, "keepGitDir": keepsGitFolder ? .bool(true) : nil,
            "unpack": unpacks.map { .bool($0) },
        ])
    }
}

extension HealthcheckAction {
    fileprivate var json: JSONValue {
        func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
        return .members([
            "command": command.json, "interval": text(interval), "timeout": text(timeout),
            "startPeriod": text(startPeriod), "startInterval": text(startInterval),
            "retries": retries.map { .integer(Int64($0)) },
        ])
    }
}
