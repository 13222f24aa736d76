import Testing

/// Each rule of the house finds the fault it is there for; a rule that cannot fail guards nothing.
@Suite struct HouseRuleTests {
    private func lines(_ text: String, in room: String = "Layers", _ rule: (SourceFile) -> [Violation]) -> [Int] {
        rule(SourceFile(path: "Sources/\(room)/Sample.swift", text: text)).map(\.line)
    }

    @Test func upwardAndSidewardImports() {
        #expect(lines("import Codecs\nimport BuildEngine\n", HouseRule.imports) == [2])
        #expect(lines("import Sandboxing\n", HouseRule.imports) == [1])
        #expect(lines("import OCIRegistry\n", in: "BuildEngine", HouseRule.imports) == [1])
        #expect(lines("public import struct OCIBuild.Image\n", in: "OCIBuild", HouseRule.imports) == [1])
        #expect(lines("@_exported import NIOCore\n", in: "OCIBuild", HouseRule.imports) == [1])
        #expect(lines("import OCISpec\n", in: "Nowhere", HouseRule.imports) == [1])
        #expect(lines("import Glibc\nimport CLinux\nimport OCISpec\n", HouseRule.imports) == [])
        #expect(lines("// import BuildEngine\nlet a = \"import BuildEngine\"\n", HouseRule.imports) == [])
    }

    @Test func pureRooms() {
        for room in ["OCISpec", "BuildModel", "Dockerfile"] {
            for module in ["Glibc", "CLinux", "LinuxSystem"] {
                #expect(lines("import \(module)\n", in: room, HouseRule.imports) == [1], "\(room) \(module)")
            }
        }
    }

    @Test func foundation() {
        #expect(lines("import Foundation\n", HouseRule.imports) == [1])
        #expect(lines("@preconcurrency import Foundation\n", HouseRule.foundation) == [1])
        #expect(lines("import struct Foundation.Data\n", HouseRule.foundation) == [1])
        #expect(lines("import FoundationEssentials\n", HouseRule.imports) == [])
        #expect(lines("import FoundationEssentials\n", HouseRule.foundation) == [])
    }

    @Test func longFiles() {
        #expect(lines(String(repeating: "a\n", count: 400), HouseRule.length) == [])
        #expect(lines(String(repeating: "a\n", count: 401), HouseRule.length) == [400])
        #expect(HouseRule.median([]) == 0)
        #expect(HouseRule.median([500, 1, 2]) == 2)
        #expect(HouseRule.median([121, 122, 1, 400]) == 121)
    }

    @Test(arguments: ["let a = try! f()", "fatalError(\"x\")", "let b = c as! D", "preconditionFailure()"])
    func traps(code: String) {
        #expect(lines("let a = 1\n\(code)\n", HouseRule.traps) == [2])
    }

    @Test func whatOnlyLooksLikeATrap() {
        #expect(lines("// try! here\nlet a = \"as! fatalError(\"\n/* try!\n as! */\n", HouseRule.traps) == [])
        #expect(lines("let b = \"\"\"\n    try!\n    \"\"\"\nif has!.x {}\n", HouseRule.traps) == [])
        #expect(lines("let a = \"//\"; try! f()\nlet b = \"\\\"\"; g() as! H\n", HouseRule.traps) == [1, 2])
    }

    @Test func unexplainedPromises() {
        #expect(lines("final class A: @unchecked Sendable {}\n", HouseRule.uncheckedSendable) == [1])
        #expect(lines("\nnonisolated(unsafe) var a = 1\n", HouseRule.uncheckedSendable) == [2])
        #expect(lines("// guarded by `lock`\nfinal class A: @unchecked Sendable {}", HouseRule.uncheckedSendable) == [])
        #expect(lines("final class A: @unchecked Sendable {}  // immutable", HouseRule.uncheckedSendable) == [])
    }

    @Test func emptyNames() {
        for name in ["PathUtils.swift", "StringHelpers.swift", "LayerManager.swift"] {
            #expect(HouseRule.name(SourceFile(path: "Sources/Layers/\(name)", text: "")).count == 1)
        }
        #expect(HouseRule.name(SourceFile(path: "Sources/Layers/LayerWriter.swift", text: "")) == [])
    }

    @Test func aManifestThatClimbs() {
        let good = PackageTable(parsing: "targets: [ room(\"OCISpec\", []), room(\"Codecs\", [\"OCISpec\"]), ]")
        #expect(good.dependencies == ["OCISpec": [], "Codecs": ["OCISpec"]])
        #expect(good.violations == [])
        let sideward = PackageTable(parsing: "targets: [ room(\"Layers\", [\"Sandboxing\"]) ]")
        #expect(sideward.violations == ["Layers (floor 3) depends on Sandboxing (floor 3)"])
        let unknown = PackageTable(parsing: "targets: [ room(\"Attic\", []), room(\"OCIBuild\", [\"NIO\"]) ]")
        #expect(unknown.violations == ["Attic has no floor in FloorTable", "OCIBuild depends on NIO, no room"])
    }
}
