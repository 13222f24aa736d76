import BuildModel
import Dockerfile
import OCISpec
import ShellText
import Testing

@testable import ImageDefinition

/// What a step that asks for a Python becomes.
@Suite struct PythonStepTests {
    @Test func aScriptOfRootAndAPath() throws {
        let image = try DockerfileTextTests.image().setUser("app").setWorkdir("/app").withPython("3.11").run(
            "python x.py")
        let lowered = try Lowered(image)
        let runs = lowered.steps.compactMap { if case .run(let run) = $0 { run } else { nil } }
        try #require(runs.count == 2)
        #expect(runs[0].user == "root")
        #expect(try runs[0].scripts.map(\.content) == [Array(PythonProvision("3.11").script.utf8)])
        #expect(runs[1].user == "app")
        #expect(runs[1].environment.contains("PATH=/opt/python/bin:/usr/bin:/bin"))
        #expect(lowered.config.config.env.contains("PATH=/opt/python/bin:/usr/bin:/bin"))
        #expect(lowered.config.config.user == "app")
        // A base that says nothing of PATH still finds its own programs.
        var base = Lowered.base
        base.config.env = []
        let bare = try Lowered(image, base: base).config.config.env
        #expect(bare == ["PATH=/opt/python/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    }

    @Test func itsTitleSaysWhatItIs() throws {
        let image = try DockerfileTextTests.image().withPython("3.11.5")
        let titles = try Lowered.plan(image.plan.composed().parsed()).nodes.map(\.title)
        #expect(titles.last?.contains("(# Python 3.11.5: ") == true)
        #expect(titles.last.map { $0.utf8.count < 200 } == true)
    }

    @Test(arguments: ["2.7", "latest", "", "3"]) func versionsThatAreNone(version: String) throws {
        let image = try DockerfileTextTests.image().withPython(version)
        let error = #expect(throws: PlanDocumentError.self) { try image.plan.composed() }
        #expect(error.map { "\($0)" }?.contains("Python") == true)
    }
}
