import LinuxSystem
import Sandboxing
import Synchronization
import Testing

@testable import BuildEngine

@Suite("What the kernel takes below an overlay")
struct OverlayLimitsTests {
    private let folder: TemporaryDirectory
    private let snapshots: Snapshots

    init() throws {
        folder = try TemporaryDirectory()
        snapshots = try Snapshots(storeRoot: folder.path, form: "test")
    }

    private func trees(_ count: Int) -> [Path] { .init(repeating: snapshots.tree(Snapshots.longestID), count: count) }

    @Test("Before Linux 6.7 the names of some 230 layers have room, and more are copied")
    func page() async throws {
        for marks in [NamespaceTraits.Overlay.trusted, .user] {
            let old = OverlayLimits(marks: marks) { false }
            #expect(try await old.admit(trees(225), of: snapshots))
            #expect(try await !old.admit(trees(240), of: snapshots))
        }
    }

    @Test("Where they can be named one by one it takes 480; that is asked once, and where it matters")
    func oneByOne() async throws {
        let asked = Mutex(0)
        let new = OverlayLimits(marks: .trusted) {
            asked.withLock { $0 += 1 }
            return true
        }
        #expect(try await new.admit(trees(200), of: snapshots))
        #expect(asked.withLock { $0 } == 0)
        #expect(try await new.admit(trees(250), of: snapshots))
        #expect(try await new.admit(trees(OverlayLimits.layers), of: snapshots))
        #expect(try await !new.admit(trees(OverlayLimits.layers + 1), of: snapshots))
        #expect(asked.withLock { $0 } == 1)
    }
}
