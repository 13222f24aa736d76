import OCIContent
import OCISpec

extension CatalogueLog {
    /// Appends an event, and returns the state of the catalogue after it.
    ///
    /// `action` is asked for what to do in the state at the place that the event would take, perhaps several times as
    /// others come first; what it throws ends the attempt. Should this fail for another reason, a lost connection for
    /// one, then the event may still be taken up by another writer: the log itself says whether it was.
    package func append(
        by user: CatalogueUser,
        _ action: (CatalogueState) throws(CatalogueError) -> CatalogueEvent.Action
    ) async throws -> CatalogueState {
        var attempt = AppendAttempt(log: self, user: user)
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < pace.deadline {
            try Task.checkCancellation()
            let view = try await attempt.view()
            let state = CatalogueState(view.entries, workspace: workspace)
            if attempt.isDone(view) { return state }
            let next = try action(state)
            try state.check(next)
            if try await attempt.letsOthersFinish(view) { continue }
            try await attempt.propose(next, after: view)
        }
        throw CatalogueError(
            .busy, repository.name, "other writers came first for \(pace.deadline), again and again: try again later")
    }
}

/// One writer's work on one event, over as many places of the log as it takes.
private struct AppendAttempt {
    let log: CatalogueLog
    let user: CatalogueUser
    private let writer = RandomName.make(RandomName.writerLength)
    private let clock = ContinuousClock()
    private var setbacks = 0
    /// How long the registry took for the last list of tags.
    private var latency: Duration = .zero
    /// What was put for the place that is tried for.
    private var own: (slot: Int, action: CatalogueEvent.Action, manifest: Descriptor)?
    /// What was last seen at a place that others try for, and since when it has not changed.
    private var watched: (claims: SlotClaims, since: ContinuousClock.Instant)?

    init(log: CatalogueLog, user: CatalogueUser) {
        self.log = log
        self.user = user
    }

    mutating func view() async throws -> CatalogueLog.View {
        let start = clock.now
        let view = try await log.view()
        latency = clock.now - start
        return view
    }

    /// Whether the event has its place, by this writer's hand or another's.
    func isDone(_ view: CatalogueLog.View) -> Bool {
        view.entries.last { $0.event?.nonce == writer } != nil
    }

    /// Waits a moment if another writer is at work at the place; false if there is none, or none that moves.
    mutating func letsOthersFinish(_ view: CatalogueLog.View) async throws -> Bool {
        guard view.claims.hasOthers(than: writer) else { return false }
        if log.pace.patience < .zero { return false }
        if let watched, watched.claims == view.claims {
            if clock.now - watched.since > log.pace.patience(latency: latency) { return false }
        } else {
            watched = (view.claims, clock.now)
        }
        try await Task.sleep(for: log.pace.pause(after: 1, latency: latency))
        return true
    }

    /// Tries to have the first free place filled, with `action` if nobody has proposed another event for it.
    mutating func propose(_ action: CatalogueEvent.Action, after view: CatalogueLog.View) async throws {
        let slot = view.claims.slot
        let round = (view.claims.highest?.round ?? 0) + 1
        guard slot <= CatalogueTag.lastSlot, round <= CatalogueTag.lastRound else {
            throw CatalogueError(
                .damaged, log.repository.name,
                "there is no number left for another event at place \(slot): remove the tags p-\(slot)… there")
        }
        let ballot = CatalogueTag.Ballot(round: round, writer: writer)
        let mine = try await manifest(of: action, slot: slot, previous: view.entries.last?.manifest)
        try await log.store.tag(mine, as: log.reference(.promise(slot: slot, ballot)))
        guard let seen = try await claims(unlessOvertaking: ballot, slot) else { return }
        let value = try await accepted(seen) ?? mine
        try await log.store.tag(value, as: log.reference(.accept(slot: slot, ballot)))
        guard try await claims(unlessOvertaking: ballot, slot) != nil else { return }
        try await decide(value, slot)
    }

    private mutating func manifest(
        of action: CatalogueEvent.Action, slot: Int, previous: Digest?
    ) async throws -> Descriptor {
        if let own, own.slot == slot, own.action == action { return own.manifest }
        let event = CatalogueEvent(
            nonce: writer, slot: slot, previous: previous, time: Instant.now(), user: user, action: action)
        let manifest = try await log.put(event)
        own = (slot, action, manifest)
        return manifest
    }

    /// What is at the place now; nil, after a pause, if another has filled it or asked for it with a higher ballot.
    private mutating func claims(
        unlessOvertaking ballot: CatalogueTag.Ballot, _ slot: Int
    ) async throws -> SlotClaims? {
        let claims = SlotClaims(of: slot, among: try await log.tags())
        if claims.isDecided { return nil }
        if let highest = claims.highest, highest > ballot {
            setbacks += 1
            try await Task.sleep(for: log.pace.pause(after: setbacks, latency: latency))
            return nil
        }
        return claims
    }

    /// The event that the highest proposal names. One whose tag cannot be read is still being put: then its writer has
    /// not come to rely on it, and will find that it was overtaken.
    private func accepted(_ claims: SlotClaims) async throws -> Descriptor? {
        for ballot in claims.accepts.sorted(by: >) {
            if let value = try await log.find(.accept(slot: claims.slot, ballot)) { return value }
        }
        return nil
    }

    /// Fills the place. Others may do the same at the same time, with the same event.
    private func decide(_ value: Descriptor, _ slot: Int) async throws {
        let reference = log.reference(.event(slot: slot))
        do {
            try await log.store.tag(value, as: reference)
        } catch {
            // A registry whose tags cannot be put twice refuses what another has just done for us.
            guard let there = try? await log.store.find(reference), there.digest == value.digest else { throw error }
        }
    }
}
