import BuildModel
import Dockerfile
import OCISpec
import Testing

@testable import ImageDefinition

@Suite struct PlanDocumentTests {
    private static func failure(_ json: String) -> String {
        do {
            _ = try Lowered(json: json)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private static func step(_ json: String) -> String {
        failure(#"{"version":1,"stages":[{"name":"a","base":"debian","steps":[\#(json)]}]}"#)
    }

    @Test(
        arguments: [
            ("[]", "plan.json: an object is expected here, not an array"),
            ("{", "plan.json: the plan is no JSON document that can be read: "),
            (#"{"version":1,"version":1,"stages":[]}"#, "plan.json: the plan is no JSON document that can be read: "),
            ("{}", "plan.json: version: is missing"),
            (#"{"version":2,"stages":[]}"#, "plan.json: version: this builder reads version 1 of the plan"),
            (#"{"version":1}"#, "plan.json: stages: is missing"),
            (#"{"version":1,"stages":[]}"#, "plan.json: stages: a plan has at least one stage"),
            (#"{"version":1,"stages":[{}]}"#, "plan.json: stages[0].base: is missing: say what the image starts from"),
            (#"{"version":1,"stagse":[]}"#, "plan.json: stagse: unknown key; did you mean stages?"),
            (
                #"{"version":1,"stages":[{"base":7}]}"#,
                "plan.json: stages[0].base: a string is expected here, not a number"
            ),
            (
                #"{"version":1,"stages":[{"base":{"stage":"b"}},{"name":"b","base":"x"}]}"#,
                #"plan.json: stages[0].base.stage: there is no earlier stage "b""#
            ),
            (
                #"{"version":1,"stages":[{"name":"build","base":"x"},{"base":{"stage":"biuld"}}]}"#,
                #"plan.json: stages[1].base.stage: there is no stage "biuld"; did you mean build?"#
            ),
            (
                #"{"version":1,"stages":[{"name":"a","base":"x"},{"name":"A","base":"y"}]}"#,
                #"plan.json: stages[1].name: the stage "A" is there twice"#
            ),
            (
                #"{"version":1,"stages":[{"name":"x","base":"y"},{"base":"x"}]}"#,
                #"plan.json: stages[1].base: "x" is an image here, and a stage has that name"#
            ),
            (
                #"{"version":1,"stages":[{"name":"Scratch","base":"x"},{"base":{"stage":"scratch"}}]}"#,
                #"plan.json: stages[0].name: "Scratch" means the empty base; give the stage another name"#
            ),
            (
                #"{"version":1,"arguments":[{"name":"A"},{"name":"B=C"}],"stages":[{"base":"x"}]}"#,
                #"plan.json: arguments[1].name: the name of the variable "B=C" has an "=" in it"#
            ),
            (
                #"{"version":1,"target":"mian","stages":[{"name":"main","base":"x"}]}"#,
                #"plan.json: target: there is no stage "mian"; did you mean main?"#
            ),
            (
                #"{"version":1,"image":{"name":"My App"},"stages":[{"base":"x"}]}"#,
                #"plan.json: image.name: the name "My App" has the capital letter M"#
            ),
            (#"{"version":1,"image":{"tag":"a b"},"stages":[]}"#, #"plan.json: image.tag: the tag "a b" has"#),
        ])
    func documents(_ json: String, _ message: String) {
        let found = Self.failure(json)
        #expect(found.hasPrefix(message), "\(found)")
    }

    @Test(
        arguments: [
            (#"{"rum":"x"}"#, "stages[0].steps[0].rum: unknown step; did you mean run?"),
            (#"{"frobnicate":"x"}"#, "stages[0].steps[0].frobnicate: unknown step; one of run, copy, add,"),
            ("{}", "stages[0].steps[0]: the step says nothing; exactly one of run, copy,"),
            (#"{"run":"x","cmd":"y"}"#, "stages[0].steps[0]: the step says run and cmd; exactly one of"),
            (#""RUN x""#, "stages[0].steps[0]: an object is expected here, not a string"),
            (#"{"run":null}"#, "stages[0].steps[0].run: is missing"),
            (#"{"run":{"comand":"x"}}"#, "stages[0].steps[0].run.comand: unknown key; did you mean command?"),
            (
                #"{"run":{"command":"x","arguments":["y"]}}"#,
                #"stages[0].steps[0].run.command: stands beside "arguments""#
            ),
            (
                #"{"run":{"command":"x","newlines":"atuo"}}"#,
                #"stages[0].steps[0].run.newlines: "atuo" is none of auto, literal, folded; did you mean auto?"#
            ),
            (
                #"{"run":{"command":"x","mounts":[{"type":"chace"}]}}"#,
                #"stages[0].steps[0].run.mounts[0].type: "chace" is none of bind, cache, tmpfs, secret, ssh; did you mean cache?"#
            ),
            (
                #"{"run":{"arguments":["x"],"script":true}}"#,
                #"stages[0].steps[0].run.script: "arguments" are no script"#
            ),
            (#"{"copy":{"sources":"a","destination":"/"}}"#, "stages[0].steps[0].copy.sources: an array is expected"),
            (#"{"copy":{"sources":[],"destination":"/"}}"#, "stages[0].steps[0].copy.sources: names nothing to copy"),
            (#"{"copy":{"sources":["a"]}}"#, "stages[0].steps[0].copy.destination: is missing"),
            (
                #"{"copy":{"sources":["a"],"destination":"/","from":"b"}}"#,
                #"stages[0].steps[0].copy.from: there is no stage "b"; an image is written {"image": "b"}"#
            ),
            (#"{"add":{"sources":["a"],"destination":"/","from":"a"}}"#, "stages[0].steps[0].add.from: unknown key"),
            (
                #"{"copy":{"sources":[{"name":"a b","content":{"expand":"x"}}],"destination":"/"}}"#,
                #"stages[0].steps[0].copy.sources: "a b" cannot name a file that the definition holds"#
            ),
            (
                #"{"add":{"sources":[{"name":"../a","content":"x"}],"destination":"/"}}"#,
                #"stages[0].steps[0].add.sources: "../a" cannot name a file"#
            ),
            (
                #"{"copy":{"sources":[{"name":"-a","content":{"expand":"x"}}],"destination":"/"}}"#,
                #"stages[0].steps[0].copy.sources: "-a" cannot name a file"#
            ),
            (
                ##"{"run":{"command":"#!/bin/sh\necho","scriptName":"a\nb"}}"##,
                #"stages[0].steps[0].run.scriptName: "a\nb" cannot name a file"#
            ),
            (#"{"env":{"name":"A"}}"#, "stages[0].steps[0].env.value: is missing"),
            (#"{"env":[]}"#, "stages[0].steps[0].env: the array is empty"),
            (
                #"{"env":{"name":"A B","value":"c"}}"#,
                #"stages[0].steps[0].env: the name of the variable "A B" has white"#
            ),
            (#"{"workdir":{"expnd":"x"}}"#, "stages[0].steps[0].workdir.expnd: unknown key; did you mean expand?"),
            (#"{"expose":70000}"#, "stages[0].steps[0].expose: 70000 is not between 0 and 65535"),
            (#"{"expose":true}"#, "stages[0].steps[0].expose: a string is expected here, not true or false"),
            (#"{"healthcheck":"non"}"#, #"stages[0].steps[0].healthcheck: "none" or an object"#),
            (#"{"user":"a\u0000b"}"#, "stages[0].steps[0].user: a NUL character"),
            (#"{"user":"x","source":{"file":"f"}}"#, "stages[0].steps[0].source.line: is missing"),
            (#"{"user":"x","source":{"file":"f","line":0}}"#, "stages[0].steps[0].source.line: 0 is not between 1 and"),
        ])
    func steps(_ json: String, _ message: String) {
        let found = Self.step(json)
        #expect(found.hasPrefix("plan.json: \(message)"), "\(found)")
    }

    @Test func aSourceTakesThePlaceOfThePath() {
        let source = #","source":{"file":"my_chute.py","line":12}"#
        #expect(Self.step(#"{"env":{"name":"","value":""}\#(source)}"#).hasPrefix("my_chute.py:12: the name of"))
        let workdir = Self.step(#"{"workdir":""\#(source)}"#)
        #expect(workdir.hasPrefix("my_chute.py:12: WORKDIR needs a path"))
        #expect(workdir.hasSuffix("> 2 | WORKDIR \"\""))
        // What only shows when the file is lowered, too.
        #expect(Self.step(#"{"workdir":{"expand":"$x"}\#(source)}"#).hasPrefix("my_chute.py:12: WORKDIR $x is empty"))
    }

    @Test func warningsArePassedOn() throws {
        let plan = try ImagePlan(
            parsing: Array(
                #"{"version":1,"stages":[{"base":"x"}],"warnings":[{"message":"m","code":"c","source":{"file":"f.py","line":3}},{"message":"n"}]}"#
                    .utf8))
        let lowered = try Lowered.plan(plan.composed().parsed())
        #expect(lowered.warnings.map(\.description) == ["f.py:3: m", "n"])
    }

    @Test func names() throws {
        func reference(_ image: String) throws -> String? {
            try ImagePlan(parsing: Array(#"{"version":1,"image":\#(image),"stages":[{"base":"x"}]}"#.utf8))
                .reference?.description
        }
        #expect(try reference(#"{"username":"u","name":"n","tag":"t"}"#) == "docker.io/u/n:t")
        #expect(try reference(#"{"username":"u","name":"n"}"#) == "docker.io/u/n:latest")
        #expect(try reference(#"{"name":"n","tag":"1"}"#) == "docker.io/library/n:1")
        #expect(try reference(#"{"tag":"1"}"#) == nil)
        #expect(try reference("{}") == nil)
    }

    @Test func encodingKeepsEverything() throws {
        let text = try PlanExample.suite()
        let plan = try ImagePlan(parsing: text)
        let encoded = plan.encoded()
        #expect(try ImagePlan(parsing: encoded) == plan)
        // A port may be a number; it is written as a text.
        let tidy = String(decoding: text, as: UTF8.self).replacing("\"expose\": 8000", with: "\"expose\": \"8000\"")
        let expected = try CanonicalJSON.decode(JSONValue.self, from: Array(tidy.utf8))
        #expect(try CanonicalJSON.decode(JSONValue.self, from: encoded) == expected)
        #expect(plan.reference?.familiar == "myuser/nlp-suite:v1.2.3-python3.11-cuda11.8")
        #expect(plan.annotations["org.ocibuild.image.readme"] == "# NLP suite\n\nTools for text.")
        #expect(plan.annotations["org.opencontainers.image.description"] == "Complete NLP processing suite")
    }
}
