import LinuxSystem
import OCIBuild
import OCISpec
import Synchronization
import Testing

@testable import OCIBuild

@Suite("One base in the place of another")
struct BaseMappingTests {
    @Test func patterns() throws {
        func matches(_ pattern: String, _ text: String) -> Bool {
            BaseMapping(pattern: pattern, reference: "x").matches(text)
        }
        for pattern in [
            "python:3.11-slim", "docker.io/library/python:3.11-slim", "python:*", "*", "*/python:*", "docker.io/*-slim",
            "py*:3.??-*",
            "*slim*", "**",
        ] {
            #expect(matches(pattern, "python:3.11-slim"), "\(pattern)")
        }
        for pattern in [
            "python", "ython:*", "python:3.11", "python:3.11-slim?", "PYTHON:*", "", "docker.io/python:*", "?",
        ] {
            #expect(!matches(pattern, "python:3.11-slim"), "\(pattern)")
        }
        // As written, with the tag that is meant, and in the short form of a long name.
        #expect(matches("python", "python") && matches("python:latest", "python"))
        #expect(matches("python:3", "docker.io/library/python:3"))
        #expect(matches("nvidia/cuda:*", "nvidia/cuda:12.2-devel-ubuntu22.04"))
        #expect(matches("oci:*", "oci:/some/folder") && !matches("oci:*", "ocean"))
        #expect(matches("Not A Reference", "Not A Reference"))
        let long = String(repeating: "a*", count: 2_000) + "b"
        #expect(!matches(long, String(repeating: "a", count: 20_000)))
    }

    @Test func parsing() {
        #expect(BaseMapping(parsing: "a:*=b@sha256:1=2") == BaseMapping(pattern: "a:*", reference: "b@sha256:1=2"))
        for text in ["", "a", "a=", "=b", "="] { #expect(BaseMapping(parsing: text) == nil) }
    }

    @Test("the first that matches counts; the image is the same as one on the stand-in itself")
    func builds() async throws {
        let workshop = try await Workshop()
        try workshop.write("f", "f\n")
        var options = BuildOptions()
        options.pullPolicy = .never
        options.baseMap = [
            BaseMapping(pattern: "nvidia/*", reference: "base"),
            BaseMapping(pattern: "*", reference: "nowhere.invalid/none"),
        ]
        let text = "COPY f /f\nCOPY --from=nvidia/tools:2 /bin/sh /tool\n"
        let events = EventLog()
        let mapped = try await workshop.build("FROM nvidia/cuda:12.2-devel\n\(text)", options: options) {
            events.add($0)
        }
        let direct = try await workshop.record("FROM base\nCOPY f /f\nCOPY --from=base /bin/sh /tool\n")
        #expect(mapped.digest == direct.image.digest)
        #expect(direct.done == [])
        let notes = events.all.compactMap { if case .note(let text) = $0 { text } else { nil } }
        #expect(notes.contains("nvidia/cuda:12.2-devel is replaced by base, as the base map says (nvidia/*=base)"))
        #expect(notes.contains { $0.hasPrefix("nvidia/tools:2 is replaced by base") })
        let error = await #expect(throws: (any Error).self) {
            try await workshop.build("FROM other\n\(text)", options: options)
        }
        #expect(error.map { "\($0)" }?.contains("nowhere.invalid/none") == true)
    }
}
