import Sandboxing
import Testing

@testable import BuildEngine

@Suite struct RungChoiceTests {
    /// Reports of a machine on which only these rungs work.
    static func machine(_ working: Isolation...) -> (Isolation) -> RungReport {
        { working.contains($0) ? RungReport($0, working: "works") : RungReport($0, .notRoot(uid: 7)) }
    }

    static let all = Isolation.allCases

    @Test func theStrongestThatWorks() throws {
        let choice = RungChoice(possible: Self.all)
        #expect(try choice.pick(trying: Self.machine(.root, .single)).isolation == .root)
        #expect(try choice.pick(trying: Self.machine(.chroot, .single)).isolation == .single)
        #expect(
            try RungChoice(possible: [.root, .chroot]).pick(trying: Self.machine(.single, .chroot)).isolation == .chroot
        )
    }

    @Test func nothingIsTriedBelowTheFirstThatWorks() throws {
        var tried: [Isolation] = []
        let found = try RungChoice(possible: Self.all).pick { rung in
            tried.append(rung)
            return Self.machine(.userns, .single)(rung)
        }
        #expect(found.isolation == .userns && tried == [.root, .userns])
    }

    @Test func whereNothingWorks() {
        let error = #expect(throws: EngineError.self) {
            try RungChoice(possible: Self.all).pick(trying: Self.machine(.none))
        }
        for rung in ["root", "userns", "single", "chroot"] {
            #expect(error?.message.contains("\(rung): needs root; this is uid 7") == true)
        }
        #expect(error?.message.contains("ocibuild doctor") == true)
    }

    @Test func theOneThatWasAskedFor() throws {
        let single = RungChoice(wanted: .single, possible: Self.all)
        #expect(try single.pick(trying: Self.machine(.root, .single)).isolation == .single)
        let error = #expect(throws: EngineError.self) { try single.pick(trying: Self.machine(.root)) }
        #expect(
            error?.message.contains("--isolation single: needs root; this is uid 7; to lift it: run as root") == true)
        let none = #expect(throws: EngineError.self) {
            try RungChoice(wanted: Isolation.none, possible: Self.all).pick(trying: Self.machine(.root))
        }
        #expect(none?.message.contains("--isolation none forbids it") == true)
    }

    @Test func nothingWeakerThanWhatIsAccepted() throws {
        let choice = RungChoice(minimum: .userns, possible: Self.all)
        #expect(try choice.pick(trying: Self.machine(.userns)).isolation == .userns)
        let error = #expect(throws: EngineError.self) { try choice.pick(trying: Self.machine(.single)) }
        #expect(error?.message.contains("\"single\", and --min-isolation userns accepts nothing weaker") == true)
        #expect(error?.message.contains("root: needs root; this is uid 7; userns: needs root") == true)
        let asked = RungChoice(wanted: .chroot, minimum: .single, possible: Self.all)
        let refused = #expect(throws: EngineError.self) { try asked.pick(trying: Self.machine(.chroot)) }
        #expect(refused?.message.contains("--isolation chroot is weaker than --min-isolation single") == true)
        #expect(Isolation.root.isAtLeast(.none) && Isolation.single.isAtLeast(.single))
        #expect(!Isolation.chroot.isAtLeast(.single))
    }
}
