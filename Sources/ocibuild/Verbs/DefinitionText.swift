import ImageDefinition
import LinuxSystem
import OCIBuild
import OCISpec

/// The definition of a build as it was found: its bytes are kept to show lines of it when something fails.
struct DefinitionText {
    let definition: Definition
    /// For messages.
    let name: String
    let bytes: [UInt8]

    /// The names that are looked for in a context, in this order.
    static let names = ["Dockerfile", "Containerfile"]
    /// No definition is larger.
    static let limit = 64 << 20

    /// Finds and reads the definition: from standard input, at the path given (in the working folder, else in the
    /// context), or under its usual names in the context.
    static func found(_ file: Word?, context: Path?) async throws -> DefinitionText {
        guard file == Word("-") else {
            return try await BlockingPool.shared.run { try DefinitionText(file, context: context) }
        }
        let bytes = try await StandardInput.all(limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("the definition on standard input is not valid UTF-8")
        }
        return DefinitionText(definition: .text(text, name: "standard input"), name: "standard input", bytes: bytes)
    }

    private init(_ file: Word?, context: Path?) throws {
        guard let file else {
            try self.init(in: context)
            return
        }
        let path = Path(bytes: file.bytes)
        // As buildah and kaniko have it, a name that is not in the working folder may be in the context.
        let candidates = path.isAbsolute ? [path] : [path] + [context.map { $0 / path }].compactMap { $0 }
        guard let found = try candidates.first(where: { try FileSystem.statusIfPresent($0) != nil }) else {
            let elsewhere = context.map { ", neither in the working folder nor in the context \"\($0)\"" } ?? ""
            throw CommandError("there is no definition \"\(path)\"\(path.isAbsolute ? "" : elsewhere)")
        }
        try self.init(reading: found)
    }

    /// Reads a plan from a file, or from standard input.
    static func found(plan: Word) async throws -> DefinitionText {
        guard plan != Word("-") else {
            let bytes = try await StandardInput.all(limit: limit)
            return try DefinitionText(
                plan: ImagePlan(parsing: bytes, name: "standard input"), name: "standard input")
        }
        return try await BlockingPool.shared.run {
            let bytes = try FileSystem.readFile(Path(bytes: plan.bytes), limit: limit)
            return try DefinitionText(plan: ImagePlan(parsing: bytes, name: plan.shown), name: plan.shown)
        }
    }

    /// A plan; what is shown of it is the Dockerfile that it stands for.
    init(plan: ImagePlan, name: String) {
        // A plan that stands for none is refused when it is built.
        let text = (try? plan.dockerfile) ?? ""
        self.init(definition: .plan(plan), name: "\(name) as a Dockerfile", bytes: Array(text.utf8))
    }

    /// The definition as a plan.
    func plan() throws -> ImagePlan {
        if case .plan(let plan) = definition { return plan }
        return try ImagePlan(dockerfile: bytes, name: name)
    }

    /// The names that the definition itself gives the image.
    var names: [Reference] {
        guard case .plan(let plan) = definition, let name = plan.reference else { return [] }
        return [name]
    }

    private init(definition: Definition, name: String, bytes: [UInt8]) {
        self.definition = definition
        self.name = name
        self.bytes = bytes
    }

    private init(in context: Path?) throws {
        guard let context else { throw CommandError("no definition: give --file") }
        guard try FileSystem.statusIfPresent(context) != nil else {
            throw CommandError("the context \"\(context)\" does not exist")
        }
        let status = try FileSystem.status(context, following: true)
        guard status.type == .directory else {
            throw CommandError("the context \"\(context)\" is no folder: it is what COPY takes files from")
        }
        let usual = Self.names.map { context / Path($0) }
        // Not `exists`: a folder that may not be entered has to be told from one without a definition.
        guard let found = try usual.first(where: { try FileSystem.statusIfPresent($0) != nil }) else {
            throw CommandError(
                "there is no \(Self.names.joined(separator: " and no ")) in \"\(context)\": write one, or name the "
                    + "definition with --file")
        }
        try self.init(reading: found)
    }

    private init(reading path: Path) throws {
        guard let text = path.string else {
            throw CommandError("the definition's path \"\(path)\" is not valid UTF-8")
        }
        let bytes = try FileSystem.readFile(path, limit: Self.limit)
        self.init(definition: .dockerfile(path: text), name: text, bytes: bytes)
    }
}
