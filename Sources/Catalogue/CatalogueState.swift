import OCISpec

/// What a log amounts to: its events applied one after another. One that is not valid at its place changes nothing.
package struct CatalogueState: Sendable {
    /// Whose images they are.
    package let workspace: String
    /// All images that were not deleted.
    package private(set) var images: [ImageID: CatalogueImage] = [:]
    /// Who has which name.
    package private(set) var names: [String: ImageID] = [:]
    /// The images that were deleted: when, and by whom.
    package private(set) var deleted: [ImageID: (time: String, user: CatalogueUser)] = [:]
    /// What a person should know of the log: events that are void, links of the chain that do not hold.
    package private(set) var problems: [String] = []
    private var repositories: Set<String> = []
    private var last: CatalogueLog.Entry?

    /// The state of a workspace after these entries of its log, from the first.
    package init(_ entries: some Sequence<CatalogueLog.Entry>, workspace: String) {
        self.workspace = workspace
        for entry in entries { apply(entry) }
    }

    /// The images, sorted by name.
    package var sortedImages: [CatalogueImage] { images.values.sorted { $0.name < $1.name } }

    /// Applies the next entry.
    package mutating func apply(_ entry: CatalogueLog.Entry) {
        defer { last = entry }
        guard let event = entry.event else {
            problems.append("event \(entry.slot) is void: \(entry.problem ?? "it cannot be read")")
            return
        }
        guard event.slot == entry.slot else {
            problems.append("event \(entry.slot) is void: it was written for place \(event.slot)")
            return
        }
        if event.previous != last?.manifest {
            problems.append(
                "event \(entry.slot) was not written after event \(entry.slot - 1) as that is now: the log was altered, "
                    + "or the registry lost a write")
        }
        do {
            try check(event.action)
            perform(event)
        } catch {
            problems.append("event \(entry.slot) is void: \(error)")
        }
    }

    /// Throws unless the action is valid in this state.
    package func check(_ action: CatalogueEvent.Action) throws(CatalogueError) {
        switch action {
        case .create(let creation):
            guard images[creation.id] == nil, deleted[creation.id] == nil,
                !repositories.contains(creation.repository)
            else { throw CatalogueError(.damaged, creation.id.text, "the id or its repository was used before") }
            try checkFree(creation.name)
        case .commit(let id, _):
            let image = try image(id)
            guard image.committed == nil else {
                throw CatalogueError(
                    .committed, image.name,
                    "was committed \(image.committed ?? ""), and does not change any more; create another image")
            }
        case .rename(let id, let name):
            guard try image(id).name != name else { return }
            try checkFree(name)
        case .delete(let id): _ = try image(id)
        }
    }

    /// The image of that id. Throws where there is none, or none any more.
    package func image(_ id: ImageID) throws(CatalogueError) -> CatalogueImage {
        if let image = images[id] { return image }
        if let end = deleted[id] {
            throw CatalogueError(
                .unknownImage, id.text, "was deleted \(end.time) by \(end.user.name)")
        }
        throw CatalogueError(
            .unknownImage, id.text,
            "there is no image of this id in the workspace \(workspace) (one of another is WORKSPACE/\(id))")
    }

    /// The image that a person means by a name or an id.
    package func find(_ text: String) throws(CatalogueError) -> CatalogueImage {
        if let id = ImageID(parsing: text) { return try image(id) }
        guard let id = names[text], let image = images[id] else {
            throw CatalogueError(
                .unknownImage, "", "there is no image \(CatalogueName.quoted(text)) in the workspace \(workspace)")
        }
        return image
    }

    private func checkFree(_ name: String) throws(CatalogueError) {
        guard let id = names[name], let image = images[id] else { return }
        let advice =
            image.committed == nil
            ? "it was never committed: finish it with `image commit \(name) SOURCE`, or give it up with `image delete \(name)`"
            : "choose another, or rename that image first"
        throw CatalogueError(
            .nameTaken, "",
            "the name \(name) is taken by \(id), created \(image.created) by \(image.author.name); \(advice)")
    }

    /// Changes the state by an event that was found valid.
    private mutating func perform(_ event: CatalogueEvent) {
        switch event.action {
        case .create(let creation):
            images[creation.id] = CatalogueImage(creation, in: workspace, by: event.user, at: event.time)
            names[creation.name] = creation.id
            repositories.insert(creation.repository)
        case .commit(let id, let content):
            images[id]?.committed = event.time
            images[id]?.content = content
        case .rename(let id, let name):
            if let old = images[id]?.name { names[old] = nil }
            names[name] = id
            images[id]?.name = name
        case .delete(let id):
            if let old = images.removeValue(forKey: id) { names[old.name] = nil }
            deleted[id] = (event.time, event.user)
        }
    }
}
