import OCISpec

/// What a log amounts to: its events applied one after another. One that is not valid at its place changes nothing.
package struct CatalogueState: Sendable {
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

    /// No event yet.
    package init() {}

    /// The state after these entries of a log, from its first.
    package init(_ entries: some Sequence<CatalogueLog.Entry>) {
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
        throw CatalogueError(.unknownImage, id.text, "there is no image of this id")
    }

    private func checkFree(_ name: String) throws(CatalogueError) {
        guard let id = names[name], let image = images[id] else { return }
        let advice =
            image.committed == nil
            ? "it was never committed: finish it with `image commit \(name)`, or give it up with `image delete \(name)`"
            : "choose another, or rename that image first"
        throw CatalogueError(
            .nameTaken, "",
            "the name \(name) is taken by \(id), created \(image.created) by \(image.author.name); \(advice)")
    }

    /// Changes the state by an event that was found valid.
    private mutating func perform(_ event: CatalogueEvent) {
        switch event.action {
        case .create(let creation):
            images[creation.id] = CatalogueImage(creation, by: event.user, at: event.time)
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
