import Testing

/// The picture of the house in the design stays true: floors, sizes, names, and no hidden traps.
@Suite struct HouseTests {
    static let sources = Repository.files(in: "Sources", endings: [".swift", ".c", ".h"])
    static let swift = sources.filter { $0.path.hasSuffix(".swift") }
    static let tests = Repository.files(in: "Tests", endings: [".swift"])

    @Test func theRepositoryIsFound() {
        #expect(Self.sources.count > 20)
        #expect(Self.tests.contains { $0.path == "Tests/HouseTests/HouseTests.swift" })
    }

    @Test func importsGoDownwards() {
        #expect(Self.swift.flatMap(HouseRule.imports) == [])
        #expect(Self.tests.flatMap(HouseRule.foundation) == [])
    }

    @Test func thePackageDeclaresTheSameFloors() throws {
        let table = PackageTable(parsing: try #require(Repository.text(of: "Package.swift")))
        #expect(table.violations == [])
        let folders = Repository.names(in: "\(Repository.root)/Sources").filter { !$0.hasPrefix(".") }
        #expect(table.dependencies.keys.sorted() == folders.sorted())
        #expect(table.dependencies["OCIBuild"]?.contains("BuildEngine") == true)
    }

    @Test func filesAreShort() {
        #expect((Self.sources + Self.tests).flatMap(HouseRule.length) == [])
        #expect(HouseRule.median(Self.swift.map(\.lineCount)) <= HouseRule.medianCap)
    }

    @Test func nothingTraps() {
        #expect(Self.swift.flatMap(HouseRule.traps) == [])
    }

    @Test func uncheckedPromisesAreExplained() {
        #expect(Self.swift.flatMap(HouseRule.uncheckedSendable) == [])
    }

    @Test func filesAreNamedAfterWhatTheyHold() {
        #expect((Self.swift + Self.tests).flatMap(HouseRule.name) == [])
    }

    /// Only these are at the top: the folders of the design, and files that tools look for there.
    @Test func theTopLevelIsTidy() {
        let expected: Set<String> = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "Fixtures", "Benchmarks", "README.md", "LICENSE",
            "NOTICE", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
        ]
        let found = Repository.names(in: Repository.root).filter { !$0.hasPrefix(".") }
        #expect(Set(found).subtracting(expected) == [])
    }
}
