import BuildModel

extension Image {
    /// The image as a plan: one stage for itself, and one before it for each definition that it starts or copies from.
    public var plan: ImagePlan {
        var writer = PlanWriter(reserved: references)
        var plan = ImagePlan()
        plan.identity.username = username
        plan.identity.name = name
        plan.identity.tag = tag
        plan.identity.readme = readme
        plan.identity.description = description
        plan.documentName = "\(username)/\(name):\(tag)"
        writer.write(self, isTarget: true)
        plan.stages = writer.stages
        plan.notes = writer.notes
        return plan
    }

    /// The image references that this definition, and those within it, name: no stage may be called so.
    private var references: Set<String> {
        // FROM scratch is the empty base, whatever the stages are called.
        var found: Set<String> = ["scratch"]
        var seen: Set<Image> = []
        var pending = [self]
        while let image = pending.popLast() {
            guard seen.insert(image).inserted else { continue }
            switch image.base {
            case .reference(let reference, _): found.insert(reference)
            case .definition(let other): pending.append(other)
            case nil: break
            }
            for origin in image.steps.flatMap(\.origins) {
                switch origin {
                case .image(let reference): found.insert(reference)
                case .definition(let other): pending.append(other)
                case .stage: break
                }
            }
        }
        return found
    }
}

/// Writes an image, and the definitions within it, as stages: each after those that it needs, equal ones once.
private struct PlanWriter {
    private(set) var stages: [ImagePlan.Stage] = []
    private(set) var notes: [ImagePlan.Note] = []
    private var names: [Content: String] = [:]
    private var taken: Set<String>

    /// What makes two definitions one stage: not their names.
    private struct Content: Hashable {
        let base: Image.Base?
        let steps: [PlacedStep]
    }

    init(reserved: Set<String>) {
        taken = reserved
    }

    /// Writes a definition, and returns the name of its stage.
    @discardableResult
    mutating func write(_ image: Image, isTarget: Bool = false) -> String {
        let content = Content(base: image.base, steps: image.placedSteps)
        if !isTarget, let known = names[content] { return known }
        var stage = ImagePlan.Stage(base: .scratch)
        switch image.base {
        case .reference("scratch", let platform): stage.platform = platform.map { .literal($0) }
        case .reference(let reference, let platform):
            stage.base = .image(.literal(reference))
            stage.platform = platform.map { .literal($0) }
        case .definition(let other): stage.base = .stage(write(other))
        case nil:
            stage.base = .image(.literal(Image.defaultBase))
            notes.append(
                ImagePlan.Note(
                    code: "default-base",
                    message:
                        "\(image.username)/\(image.name) names no base, so it starts from \(Image.defaultBase); say "
                        + "fromBase (from_base in Python) to choose", origin: image.placedSteps.first?.origin))
        }
        stage.steps = image.placedSteps.map { placed in
            var placed = placed
            placed.step = placed.step.mappingOrigins { origin in
                if case .definition(let other) = origin { .stage(write(other)) } else { origin }
            }
            return placed
        }
        let name = freeName(for: image.name)
        stage.name = name
        stages.append(stage)
        names[content] = name
        return name
    }

    private mutating func freeName(for name: String) -> String {
        // A stage's name begins with a letter.
        let wanted = name.utf8.first.map { (0x61...0x7A).contains($0) } == true ? name : "stage-\(name)"
        var free = wanted
        var number = 1
        while !taken.insert(free).inserted {
            number += 1
            free = "\(wanted)-\(number)"
        }
        return free
    }
}

extension ImageStep {
    /// Where the step takes files from, other than the context.
    fileprivate var origins: [StepOrigin] {
        switch self {
        case .copy(let action), .add(let action): [action.from].compactMap { $0 }
        case .run(let action): action.mounts.compactMap(\.from)
        default: []
        }
    }

    fileprivate func mappingOrigins(_ map: (StepOrigin) -> StepOrigin) -> ImageStep {
        switch self {
        case .copy(var action):
            action.from = action.from.map(map)
            return .copy(action)
        case .run(var action):
            for index in action.mounts.indices { action.mounts[index].from = action.mounts[index].from.map(map) }
            return .run(action)
        default: return self
        }
    }
}
