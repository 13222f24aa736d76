import Codecs
import LinuxSystem
import OCISpec
import Testing

@testable import BuildEngine

@Suite("Trees of layers, and what is remembered of steps")
struct LayeredTreeTests {
    private static func facts(_ number: Int) -> LayerHandle.Facts {
        let digest = Digest.sha256(of: Array("\(number)".utf8))
        return LayerHandle.Facts(
            descriptor: Descriptor(mediaType: .ociLayerGzip, digest: digest, size: 1), diffID: digest, source: nil)
    }

    @Test("the identity of a tree is that of its layers, whichever way it was made; empty layers do not count")
    func chains() async throws {
        var tree = LayeredTree()
        #expect(try await tree.chain() == .empty)
        var known: [Digest] = []
        for number in 0..<400 {
            let isEmpty = number % 7 == 3
            if !isEmpty { known.append(Self.facts(number).diffID) }
            tree = tree.adding(LayerHandle(isEmpty ? nil : Self.facts(number)))
            if number % 50 == 0 { #expect(try await tree.chain() == ChainID.of(known)) }
        }
        #expect(try await tree.chain() == ChainID.of(known))
        #expect(try await tree.solid().chain() == ChainID.of(known))
        #expect(try await LayeredTree(layers: tree.layers).chain() == ChainID.of(known))
    }

    private static func record(_ parent: String) -> StepRecord { StepRecord(parent: parent, source: nil, layer: nil) }

    @Test("a record is read once, and what is stored or removed is known at once")
    func remembered() throws {
        let scratch = try TemporaryDirectory()
        let disk = try DiskStepCache(storeRoot: scratch.path)
        let steps = RememberedSteps(disk)
        let key = StepKey(hex: String(repeating: "a", count: 64))
        #expect(try steps.lookup(key) == nil)
        // Another process stored it meanwhile.
        try disk.store(Self.record("one"), for: key)
        #expect(try steps.lookup(key)?.parent == "one")
        try disk.remove(key)
        #expect(try steps.lookup(key)?.parent == "one")
        try steps.store(Self.record("two"), for: key)
        #expect(try steps.lookup(key)?.parent == "two")
        #expect(try disk.lookup(key)?.parent == "two")
        try steps.remove(key)
        #expect(try steps.lookup(key) == nil)
    }

    @Test("lineages that were found by records of before a change are not kept")
    func generations() throws {
        let scratch = try TemporaryDirectory()
        let steps = RememberedSteps(try DiskStepCache(storeRoot: scratch.path))
        let chain = ChainID.of([Self.facts(1).diffID])
        let generation = steps.generation
        steps.keep(chain, ofStep: 4, of: generation)
        #expect(steps.chain(ofStep: 4) == chain)
        try steps.store(Self.record("one"), for: StepKey(hex: String(repeating: "b", count: 64)))
        #expect(steps.chain(ofStep: 4) == nil)
        steps.keep(chain, ofStep: 4, of: generation)
        #expect(steps.chain(ofStep: 4) == nil)
    }
}
