import OCIRegistry
import Testing

@Suite("Challenges")
struct ChallengeTests {
    @Test("A Bearer challenge as Docker Hub sends it")
    func bearer() {
        let parsed = Challenge.parse([
            #"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/a:pull,push""#
        ])
        #expect(
            parsed == [
                Challenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.docker.io/token", "service": "registry.docker.io",
                        "scope": "repository:library/a:pull,push",
                    ])
            ])
    }

    @Test("Several challenges in one field and in several")
    func several() {
        let parsed = Challenge.parse([#"Basic realm="a, b", bEARER Realm = "x" , service=y"#, "Negotiate"])
        #expect(parsed.map(\.scheme) == ["basic", "bearer", "negotiate"])
        #expect(parsed[0].parameters == ["realm": "a, b"])
        #expect(parsed[1].parameters == ["realm": "x", "service": "y"])
    }

    @Test("Escapes, and the first of two values")
    func escapes() {
        let parsed = Challenge.parse([#"Bearer realm="a\"b\\c",realm="other""#])
        #expect(parsed.first?.parameters["realm"] == #"a"b\c"#)
    }

    @Test(
        "Nonsense ends, and offers nothing harmful",
        arguments: [
            "", ",,,,", "=", "\"", "Bearer realm=\"unterminated", "Bearer realm=", "\u{0}\u{1}", "Bearer \\",
            "=\"a\",b",
            String(repeating: "a=\",", count: 5000),
        ])
    func nonsense(field: String) {
        for challenge in Challenge.parse([field]) where challenge.scheme == "bearer" {
            #expect(challenge.parameters["realm"]?.hasPrefix("http") != true)
        }
    }
}
