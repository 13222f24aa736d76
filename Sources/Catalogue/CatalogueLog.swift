import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// An append-only log in one repository of a registry, written by many machines that know nothing of each other.
///
/// Each event is an OCI artifact under a tag `e-000000000001`, `e-000000000002`, …; the JSON is its one layer. A reader
/// lists the tags and fetches the events that it has not seen.
///
/// ## How writers agree
///
/// No registry offers compare-and-swap, and putting a tag replaces what it named before. So the writers agree on each
/// place of the log by Disk Paxos (Gafni and Lamport, 2003; here with the registry as the one disk): each leaves tags
/// that only it writes, and reads everybody's. To fill the first free place, a writer
///
/// 1. puts `p-PLACE-ROUND-WRITER`, a round higher than all that it saw, and lists the tags; whoever finds a higher one
///    than its own gives way;
/// 2. puts `a-PLACE-ROUND-WRITER` on the event that the highest `a-` tag of the place names, its own event only if
///    there is none, and lists the tags again, with the same rule;
/// 3. puts `e-PLACE` on that event. If it was not its own, it goes on with the next place.
///
/// Two writers can then never put different events at one place, whatever crashes, hangs or arrives late: there is no
/// time limit in the argument, which a lock, or Lamport's bakery with a limit for crashed writers, would need (a PUT
/// that a proxy delivered after the limit would take a place that others had relied on). All that is asked of the
/// registry is that a list of tags has every tag whose PUT was answered before. Time matters only for speed: a writer
/// that finds another at work lets it finish, and takes over from one that stands still; one that was overtaken waits
/// for a random moment.
///
/// Every event names the manifest of the one before it, so a log that was altered or replaced is noticed.
package final class CatalogueLog: Sendable {
    /// The type of the artifact that an event is.
    package static let artifactType = "application/vnd.ocibuild.catalogue.event.v1+json"

    /// One place of the log.
    package struct Entry: Hashable, Sendable, Codable {
        /// The place, from 1.
        package let slot: Int
        /// The digest of the manifest there.
        package let manifest: Digest
        /// The event; nil where the manifest is something else.
        package let event: CatalogueEvent?
        /// Why there is no event.
        package let problem: String?

        /// An entry of these parts.
        package init(slot: Int, manifest: Digest, event: CatalogueEvent?, problem: String? = nil) {
            self.slot = slot
            self.manifest = manifest
            self.event = event
            self.problem = problem
        }
    }

    /// The log at one moment.
    struct View {
        /// All entries, from the first.
        let entries: [Entry]
        /// What the writers of the place after them have left there.
        let claims: SlotClaims
    }

    private struct Known {
        var entries: [Entry]
        /// Whether the registry was asked if the last of the entries is still what it was.
        var isVerified: Bool
    }

    /// The repository, without a tag.
    let repository: Reference
    let store: any TagStore
    let pace: WriterPace
    private let cache: CatalogueCache?
    private let known = Mutex<Known?>(nil)

    /// The log in the repository that `store` is and `repository` names.
    package init(
        _ repository: Reference, in store: any TagStore, cache: CatalogueCache? = nil, pace: WriterPace = WriterPace()
    ) {
        self.repository = repository
        self.store = store
        self.cache = cache
        self.pace = pace
    }

    /// The workspace that the log is about: the last but one component of its repository.
    package var workspace: String {
        String(repository.repository.split(separator: "/").dropLast().last ?? "")
    }

    /// All entries as they are now.
    package func entries() async throws -> [Entry] { try await view().entries }

    /// The tags that are of a log.
    func tags() async throws -> [CatalogueTag] {
        try await store.tags().compactMap { CatalogueTag(parsing: $0) }
    }

    func reference(_ tag: CatalogueTag) -> Reference {
        Reference(domain: repository.domain, repository: repository.repository, tag: tag.text)
    }

    func view() async throws -> View {
        var attempts = 0
        while true {
            let tags = try await tags()
            let events = Set(tags.compactMap { if case .event(let slot) = $0 { slot } else { nil } })
            let count = (1...).first { !events.contains($0) }.map { $0 - 1 } ?? 0
            if count == events.count {
                let entries = try await entries(upTo: count)
                return View(entries: entries, claims: SlotClaims(of: count + 1, among: tags))
            }
            // While a list of several pages is read, two events may come, the first of them on a page already read.
            attempts += 1
            guard attempts < 4 else {
                throw CatalogueError(
                    .damaged, reference(.event(slot: count + 1)).description,
                    "this event is missing, though there are later ones: put it back, or remove the later ones")
            }
            try await Task.sleep(for: .milliseconds(100 * attempts))
        }
    }

    private func entries(upTo count: Int) async throws -> [Entry] {
        var entries = try await trusted(count)
        guard entries.count < count else { return entries }
        let before = entries.count
        for start in stride(from: before + 1, through: count, by: 8) {
            let slots = start...min(count, start + 7)
            entries += try await withThrowingTaskGroup(of: Entry.self) { group in
                for slot in slots { group.addTask { try await self.fetch(slot) } }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.slot < $1.slot }
            }
        }
        keep(entries)
        if let cache {
            let all = entries
            try await BlockingPool.shared.run { cache.save(all) }
        }
        return entries
    }

    /// What is known already, if it is of this log: a registry that was emptied begins another under the same name.
    private func trusted(_ count: Int) async throws -> [Entry] {
        var state: Known
        if let known = known.withLock({ $0 }) {
            state = known
        } else if let cache {
            state = Known(entries: try await BlockingPool.shared.run { cache.load() }, isVerified: false)
        } else {
            state = Known(entries: [], isVerified: true)
        }
        // There is more here than was listed: either the list is older than what another task has read, or the log is.
        if state.entries.count > count {
            known.withLock { $0?.isVerified = false }
            state = Known(entries: Array(state.entries.prefix(count)), isVerified: false)
        }
        if !state.isVerified, let last = state.entries.last {
            let now = try await find(.event(slot: last.slot))
            if now?.digest != last.manifest {
                known.withLock { $0 = nil }
                state.entries = []
            }
        }
        keep(state.entries)
        return state.entries
    }

    private func keep(_ entries: [Entry]) {
        known.withLock { known in
            guard known.map({ $0.entries.count <= entries.count }) ?? true else { return }
            known = Known(entries: entries, isVerified: true)
        }
    }

    /// What a listed tag names. Some registries list a tag a moment before they can say what it names.
    func find(_ tag: CatalogueTag) async throws -> Descriptor? {
        for attempt in 0..<4 {
            if attempt > 0 { try await Task.sleep(for: .milliseconds(50 << attempt)) }
            if let descriptor = try await store.find(reference(tag)) { return descriptor }
        }
        return nil
    }

    private func fetch(_ slot: Int) async throws -> Entry {
        guard let manifest = try await find(.event(slot: slot)) else {
            throw CatalogueError(
                .damaged, reference(.event(slot: slot)).description, "is listed, but not to be had: was it removed?")
        }
        do {
            return Entry(slot: slot, manifest: manifest.digest, event: try await event(of: manifest))
        } catch let error as CatalogueError where error.code == .newerVersion {
            throw CatalogueError(error.code, repository.name, error.message)
        } catch let error as CatalogueError {
            return Entry(slot: slot, manifest: manifest.digest, event: nil, problem: error.description)
        } catch let error as SpecError {
            return Entry(slot: slot, manifest: manifest.digest, event: nil, problem: error.description)
        }
    }

    /// The event that a manifest stands for. A `CatalogueError` or `SpecError` says that it is none.
    private func event(of manifest: Descriptor) async throws -> CatalogueEvent {
        guard manifest.mediaType == .ociManifest, manifest.size <= 64 << 10 else {
            throw CatalogueError(.damaged, manifest.digest.description, "is no event, but \(manifest.mediaType)")
        }
        let document = try CanonicalJSON.decode(ImageManifest.self, from: try await store.bytes(of: manifest))
        guard document.artifactType == Self.artifactType, document.layers.count == 1, let layer = document.layers.first,
            layer.mediaType.rawValue == Self.artifactType, layer.size <= Int64(CatalogueEvent.limit)
        else { throw CatalogueError(.damaged, manifest.digest.description, "is no event of a catalogue") }
        return try CatalogueEvent(parsing: try await store.bytes(of: layer.bare))
    }

    /// Puts an event into the repository, under no tag yet, and returns its manifest.
    func put(_ event: CatalogueEvent) async throws -> Descriptor {
        let memory = MemoryStore()
        let layer = memory.put(try event.encoded(), mediaType: MediaType(rawValue: Self.artifactType))
        let config = memory.put(Array("{}".utf8), mediaType: .ociEmpty)
        let manifest = ImageManifest(artifactType: Self.artifactType, config: config, layers: [layer])
        let descriptor = memory.put(try CanonicalJSON.encode(manifest), mediaType: .ociManifest)
        try await copy(descriptor, from: memory, to: store)
        return descriptor
    }
}
