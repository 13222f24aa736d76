import Catalogue
import OCISpec
import Testing

@Suite("Writers of one catalogue")
struct AgreementTests {
    /// What became of one attempt to take a name.
    private enum Outcome: Equatable {
        case made(ImageID)
        case taken
        case unknown
    }

    private static func create(_ name: String, in catalogue: WorkspaceCatalogue, by user: CatalogueUser) async
        -> Outcome
    {
        do {
            return .made(try await catalogue.create(name: name, originalTag: "x", by: user).id)
        } catch let error as CatalogueError where error.code == .nameTaken {
            return .taken
        } catch {
            return .unknown
        }
    }

    /// The log as somebody sees it who has seen nothing before.
    private static func freshState(_ registry: SimulatedRegistry) async throws -> CatalogueState {
        let state = try await Bench.catalogue(registry).state()
        #expect(state.problems == [], "no event is void, and the chain holds")
        #expect(registry.violations == [], "no tag was ever put on two things")
        return state
    }

    @Test("All of many creations at once are kept, and one wins each name", arguments: [1, 2, 3] as [UInt64])
    func together(seed: UInt64) async throws {
        let registry = SimulatedRegistry(seed: seed)
        let user = try Bench.user()
        let outcomes = await withTaskGroup(of: (String, Outcome).self) { group in
            for number in 0..<24 {
                let name = "image-\(number % 8)"
                group.addTask { (name, await Self.create(name, in: Bench.catalogue(registry), by: user)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let state = try await Self.freshState(registry)
        #expect(state.names.count == 8)
        for (name, id) in state.names {
            let mine = outcomes.filter { $0.0 == name }.map(\.1)
            #expect(mine.filter { $0 == .made(id) }.count == 1 && mine.filter { $0 == .taken }.count == 2, "\(name)")
        }
        #expect(registry.tags.keys.filter { $0.hasPrefix("e-") }.count == 8, "who lost wrote no event")
    }

    @Test("In thousands of orders of steps, with writers that die at any of them, no place is given twice")
    func interleavings() async throws {
        let user = try Bench.user()
        for seed in 1...1000 as ClosedRange<UInt64> {
            let registry = SimulatedRegistry(seed: seed)
            let turnstile = Turnstile(count: 4, seed: seed)
            let faults = seed % 2 == 0 ? SimulatedRegistry.Faults() : .init(lostBefore: 30, lostAfter: 60)
            let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let catalogue = Bench.catalogue(
                            in: registry.client(faults, turnstile: turnstile, writer: writer))
                        let outcome = await Self.create("image-\(writer / 2)", in: catalogue, by: user)
                        turnstile.leave()
                        return (writer, outcome)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let state = try await Bench.catalogue(registry).state()
            guard state.problems == [], registry.violations == [] else {
                Issue.record("seed \(seed): \(state.problems) \(registry.violations)")
                return
            }
            for case (let writer, .made(let id)) in outcomes where state.names["image-\(writer / 2)"] != id {
                Issue.record("seed \(seed): what was confirmed is gone")
            }
            if seed % 2 == 0 {
                #expect(state.names.count == 2 && !outcomes.contains { $0.1 == .unknown }, "seed \(seed)")
            }
        }
    }

    @Test(
        "Connections that break and PUTs that come late never make two owners, nor take what was given",
        arguments: 1...40 as ClosedRange<UInt64>)
    func faults(seed: UInt64) async throws {
        let registry = SimulatedRegistry(seed: seed)
        let user = try Bench.user()
        let faults = SimulatedRegistry.Faults(lostBefore: 20, lostAfter: 60, late: 120)
        let outcomes = await withTaskGroup(of: (String, Outcome).self) { group in
            for number in 0..<20 {
                let name = "image-\(number % 10)"
                group.addTask {
                    (name, await Self.create(name, in: Bench.catalogue(registry, faults, rude: true), by: user))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let before = try await Self.freshState(registry)
        await registry.settle()
        // Whoever comes next finishes what was left half-done.
        _ = try await Bench.catalogue(registry).create(name: "last", originalTag: "x", by: user)
        let after = try await Self.freshState(registry)
        for (name, outcome) in outcomes {
            switch outcome {
            case .made(let id):
                #expect(after.names[name] == id, "what was confirmed stays")
            case .taken:
                #expect(after.names[name] != nil, "what was said to be taken is")
            case .unknown: break
            }
        }
        for (name, id) in before.names { #expect(after.names[name] == id, "what was seen stays") }
    }

    @Test("A writer that died at any of its steps holds nobody up, and what it had proposed is kept")
    func crashes() async throws {
        let user = try Bench.user()
        for step in 0..<3 {
            let registry = SimulatedRegistry()
            _ = try await Bench.catalogue(registry).create(name: "a", originalTag: "x", by: user)
            _ = try await Bench.catalogue(registry).create(name: "b", originalTag: "x", by: user)
            // As if the second writer had died after so many of its tags.
            let own = registry.tags.keys.filter { $0.dropFirst(2).hasPrefix("000000000002") }
            for tag in own
            where (tag.hasPrefix("e-") && step < 3) || (tag.hasPrefix("a-") && step < 2)
                || (tag.hasPrefix("p-") && step < 1)
            {
                registry.set(tag, nil)
            }
            _ = try await Bench.catalogue(registry).create(name: "c", originalTag: "x", by: user)
            let names = try await Self.freshState(registry).names.keys.sorted()
            #expect(names == (step == 2 ? ["a", "b", "c"] : ["a", "c"]), "step \(step)")
        }
    }

    @Test("Of renames to one name at once, one succeeds; no image loses its name to another")
    func renames() async throws {
        let registry = SimulatedRegistry(seed: 5)
        let user = try Bench.user()
        var ids: [ImageID] = []
        for number in 0..<6 {
            ids.append(
                try await Bench.catalogue(registry).create(name: "image-\(number)", originalTag: "x", by: user).id)
        }
        let succeeded = await withTaskGroup(of: Bool.self) { group in
            for id in ids {
                group.addTask {
                    (try? await Bench.catalogue(registry).rename(id, to: "winner", by: user)) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let state = try await Self.freshState(registry)
        #expect(succeeded == 1)
        #expect(state.names.count == 6 && state.names["winner"] != nil)
    }
}
