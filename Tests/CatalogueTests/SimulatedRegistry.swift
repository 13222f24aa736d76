import Catalogue
import OCIContent
import OCISpec
import Synchronization
import TestSupport

/// A repository in memory that several clients use at once, and that does all that registries and lines do: answers
/// late, loses connections before or after a PUT took effect, and lets a PUT take effect long after its client gave up.
final class SimulatedRegistry: Sendable {
    /// How often what goes wrong, in thousandths of the PUTs.
    struct Faults: Sendable {
        var lostBefore = 0
        var lostAfter = 0
        var late = 0
    }

    struct ConnectionLost: Error {}

    private let names = Mutex<[String: Descriptor]>([:])
    private let random: Mutex<RandomImage.Generator>
    fileprivate let blobs = MemoryStore()
    private let late = Mutex<[Task<Void, Never>]>([])
    private let rewritten = Mutex<[String]>([])

    init(seed: UInt64 = 1) {
        random = Mutex(RandomImage.Generator(seed: seed))
    }

    /// All tags and what they name.
    var tags: [String: Descriptor] { names.withLock { $0 } }

    /// Tags that were put again on something else, which no writer may ever do.
    var violations: [String] { rewritten.withLock { $0 } }

    fileprivate func put(_ tag: String, _ descriptor: Descriptor) {
        let former = names.withLock { $0.updateValue(descriptor, forKey: tag) }
        if let former, former != descriptor { rewritten.withLock { $0.append(tag) } }
    }

    /// Names something behind everybody's back.
    func set(_ tag: String, _ descriptor: Descriptor?) { names.withLock { $0[tag] = descriptor } }

    /// Waits until what is on its way has arrived.
    func settle() async {
        for task in late.withLock({ $0 }) { await task.value }
    }

    func client(_ faults: Faults = Faults()) -> any TagStore { Client(registry: self, faults: faults) }

    /// A client whose lists and PUTs come when it is its turn, and otherwise take no time.
    func client(_ faults: Faults, turnstile: Turnstile, writer: Int) -> any TagStore {
        Client(registry: self, faults: faults) { await turnstile.turn(writer) }
    }

    fileprivate func chance(_ thousandths: Int) -> Bool {
        random.withLock { Int.random(in: 0..<1000, using: &$0) } < thousandths
    }

    /// Lets others run, sometimes for a while.
    fileprivate func pass() async throws {
        let steps = random.withLock { Int.random(in: 0..<4, using: &$0) }
        for _ in 0..<steps { await Task.yield() }
        if chance(50) { try await Task.sleep(for: .milliseconds(1)) }
    }

    fileprivate func deliverLate(_ tag: String, _ descriptor: Descriptor) {
        let pause = random.withLock { Int.random(in: 1..<60, using: &$0) }
        let task = Task {
            try? await Task.sleep(for: .milliseconds(pause))
            put(tag, descriptor)
        }
        late.withLock { $0.append(task) }
    }
}

private struct Client: TagStore {
    let registry: SimulatedRegistry
    let faults: SimulatedRegistry.Faults
    var turn: (@Sendable () async -> Void)?

    private func pass() async throws {
        if let turn { await turn() } else { try await registry.pass() }
    }

    /// A list in two pages: what comes to the first one after it was read is not seen.
    func tags() async throws -> [String] {
        try await pass()
        let first = registry.tags.keys.filter { $0 < "e-000000000004" }
        try await pass()
        return first + registry.tags.keys.filter { $0 >= "e-000000000004" }
    }

    func find(_ reference: Reference) async throws -> Descriptor? {
        if turn == nil { try await registry.pass() }
        return registry.tags[reference.tag ?? ""]
    }

    func resolve(_ reference: Reference) async throws -> Descriptor {
        guard let found = try await find(reference) else { throw SimulatedRegistry.ConnectionLost() }
        return found
    }

    func tag(_ manifest: Descriptor, as reference: Reference) async throws {
        try await pass()
        let tag = reference.tag ?? ""
        if registry.chance(faults.lostBefore) { throw SimulatedRegistry.ConnectionLost() }
        if registry.chance(faults.late) {
            registry.deliverLate(tag, manifest)
            throw SimulatedRegistry.ConnectionLost()
        }
        registry.put(tag, manifest)
        try await pass()
        if registry.chance(faults.lostAfter) { throw SimulatedRegistry.ConnectionLost() }
    }

    func contains(_ blob: Descriptor) async throws -> Bool { try await registry.blobs.contains(blob) }

    func stream(
        _ blob: Descriptor, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await registry.blobs.stream(blob, body)
    }

    func ingest(
        _ blob: Descriptor, from source: any BlobSource, progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        try await registry.blobs.ingest(blob, from: source, progress: progress)
    }
}
