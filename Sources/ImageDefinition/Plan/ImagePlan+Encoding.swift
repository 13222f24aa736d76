import BuildModel
import OCISpec

extension ImagePlan {
    /// The plan's JSON in its canonical form: sorted keys, no white space, nothing that says what is so anyway.
    /// - Parameter withSources: whether the steps say where in the program they come from.
    public func encoded(withSources: Bool = true) -> [UInt8] {
        // Values of plain JSON always encode.
        (try? CanonicalJSON.encode(document(withSources: withSources))) ?? []
    }

    /// The plan as a JSON value.
    package func document(withSources: Bool = true) -> JSONValue {
        var members: [String: JSONValue] = ["version": .integer(Int64(Self.version))]
        let identity = JSONValue.members([
            "username": identity.username.json, "name": identity.name.json, "tag": identity.tag.json,
            "readme": identity.readme.json, "description": identity.description.json,
        ])
        if identity != .object([:]) { members["image"] = identity }
        members["target"] = target.json
        if !arguments.isEmpty { members["arguments"] = .array(arguments.map(\.json)) }
        members["stages"] = .array(stages.map { $0.json(withSources) })
        if !notes.isEmpty {
            members["warnings"] = .array(
                notes.map { note in
                    .members([
                        "code": .string(note.code), "message": .string(note.message),
                        "source": withSources ? note.origin?.json : nil,
                    ])
                })
        }
        return .object(members)
    }
}

extension JSONValue {
    /// An object of those members that are there.
    static func members(_ members: [String: JSONValue?]) -> JSONValue { .object(members.compactMapValues { $0 }) }

    /// One value as itself, several as an array.
    static func oneOrMore(_ values: [JSONValue]) -> JSONValue {
        values.count == 1 ? values[0] : .array(values)
    }

    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}

extension String? {
    fileprivate var json: JSONValue? { map { .string($0) } }
}

extension SourceOrigin {
    fileprivate var json: JSONValue { .object(["file": .string(file), "line": .integer(Int64(line))]) }
}

extension StepText {
    /// The text as a plan has it.
    var json: JSONValue {
        switch self {
        case .literal(let text): .string(text)
        case .expanding(let text): .object(["expand": .string(text)])
        }
    }
}

extension NamedArgument {
    /// The argument as a plan has it.
    var json: JSONValue { .members(["name": name.json, "default": defaultValue?.json]) }
}

extension ImagePlan.Stage {
    fileprivate func json(_ withSources: Bool) -> JSONValue {
        let base: JSONValue =
            switch base {
            case .scratch: .string("scratch")
            case .image(let reference): reference.json
            case .stage(let name): .object(["stage": .string(name)])
            }
        let steps = steps.map { placed in
            let (kind, value) = placed.step.json
            return JSONValue.members([kind: value, "source": withSources ? placed.origin?.json : nil])
        }
        return .members([
            "name": name.json, "base": base, "platform": platform?.json, "steps": steps.isEmpty ? nil : .array(steps),
        ])
    }
}
