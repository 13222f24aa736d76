import BuildModel
import Codecs
import Dockerfile
import OCISpec

/// What a definition says, without building it. The base image's own settings are not known here.
extension Image {
    /// The steps, in order.
    public var steps: [ImageStep] { placedSteps.map(\.step) }

    /// The steps of this image and, before them, those of the definitions that it starts from.
    private var allSteps: [ImageStep] {
        var chain = [placedSteps]
        var current = base
        while case .definition(let image) = current {
            chain.append(image.placedSteps)
            current = image.base
        }
        return chain.reversed().flatMap { $0.map(\.step) }
    }

    /// The variables that the definition sets. A value with variables to expand is given as it was written.
    public var env: [String: String] {
        Dictionary(
            allSteps.flatMap { step -> [(String, String)] in
                guard case .environment(let pairs) = step else { return [] }
                return pairs.map { ($0.name.text, $0.value.text) }
            }, uniquingKeysWith: { $1 })
    }

    /// The labels that the definition sets.
    public var labels: [String: String] {
        Dictionary(
            allSteps.flatMap { step -> [(String, String)] in
                guard case .labels(let pairs) = step else { return [] }
                return pairs.map { ($0.name.text, $0.value.text) }
            }, uniquingKeysWith: { $1 })
    }

    /// The user, where the definition sets one.
    public var user: String? {
        last { if case .user(let text) = $0 { text.text } else { nil } }
    }

    /// The working directory, where the definition sets one; relative ones joined.
    public var workdir: String? {
        allSteps.reduce(nil as String?) { directory, step in
            guard case .workdir(let text) = step else { return directory }
            return text.text.hasPrefix("/") ? text.text : "\(directory == "/" ? "" : directory ?? "")/\(text.text)"
        }
    }

    /// The program that a container runs, where the definition sets it in exec form.
    public var entrypoint: [String]? {
        last { if case .entrypoint(.exec(let words)) = $0 { words } else { nil } }
    }

    /// The command, where the definition sets it in exec form.
    public var cmd: [String]? {
        last { if case .cmd(.exec(let words)) = $0 { words } else { nil } }
    }

    /// The ports, in the order in which they were named, each once.
    public var exposedPorts: [String] {
        var seen: Set<String> = []
        return allSteps.flatMap { step -> [String] in
            guard case .expose(let ports) = step else { return [] }
            return ports.map(\.text)
        }.filter { seen.insert($0).inserted }
    }

    /// The Dockerfile that the image stands for. Built, it gives the same image; what no Dockerfile can say, such as a
    /// line break in a label, it shows in comments. After a step of another user it goes back to the user that the
    /// definition set, or to root: which user the base image has it cannot know.
    /// - Throws: ``PlanDocumentError`` for a step that makes no sense.
    public var dockerfile: String {
        get throws(PlanDocumentError) { try plan.dockerfile }
    }

    /// The digest of the plan in its canonical form, without the places in the program: equal for equal definitions.
    public var planDigest: Digest { plan.digest }

    private func last<Value>(_ value: (ImageStep) -> Value?) -> Value? {
        for step in allSteps.reversed() { if let found = value(step) { return found } }
        return nil
    }
}

extension ImagePlan {
    /// The Dockerfile that the plan stands for.
    /// - Throws: ``PlanDocumentError`` for a step that makes no sense.
    public var dockerfile: String {
        get throws(PlanDocumentError) { try composed().text }
    }

    /// The SHA-256 of the canonical form without the places in the program.
    public var digest: Digest {
        let json = encoded(withSources: false)
        var hasher = SHA256Hasher()
        json.withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }
}
