import Testing

@testable import ocibuild

@Suite("--secret and --ssh")
struct SecretOptionTests {
    private func secret(_ text: String, _ environment: [String: String] = [:]) throws -> String {
        let (id, secret) = try SecretOption.secret(text) { environment[$0] }
        return "\(id): \(secret)"
    }

    private func problem(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? UsageError)?.message
        }
    }

    @Test func secrets() throws {
        #expect(try secret("id=a,src=/f") == "a: the file /f")
        #expect(try secret("ID=a,source=f=g") == "a: the file f=g")
        #expect(try secret("id=a,env=V") == "a: the variable V")
        #expect(try secret("type=env,id=a,src=V") == "a: the variable V")
        #expect(try secret("type=env,id=a") == "a: the variable a")
        #expect(try secret("type=file,id=a") == "a: the file a")
        #expect(try secret("id=a") == "a: the file a")
        #expect(try secret("id=a", ["a": "x"]) == "a: the variable a")
        let cases = [
            ("hunter2", "is not KEY=VALUE"), ("src=x", "it has no id=NAME"), ("id=", "it has no id=NAME"),
            ("id=a,scr=x", "it has no key \"scr\"; did you mean src?"), ("id=a,type=x", "its type is file or env"),
        ]
        for (text, words) in cases {
            let message = problem { _ = try secret(text) }
            #expect(
                message?.hasPrefix("--secret \(text): ") == true && message?.contains(words) == true, "\(message ?? "")"
            )
        }
    }

    @Test func agents() throws {
        func agent(_ text: String, _ environment: [String: String] = [:]) throws -> String {
            let (id, socket) = try SecretOption.agent(text) { environment[$0] }
            return "\(id) \(socket)"
        }
        #expect(try agent("default", ["SSH_AUTH_SOCK": "/s"]) == "default /s")
        #expect(try agent("work", ["SSH_AUTH_SOCK": "/s"]) == "work /s")
        #expect(try agent("work=/tmp/no-such-socket") == "work /tmp/no-such-socket")
        #expect(problem { _ = try agent("default") }?.contains("SSH_AUTH_SOCK is not set") == true)
        #expect(
            problem { _ = try agent("default=/etc/passwd") }?.contains("is no socket; add the key to an agent") == true)
        #expect(problem { _ = try agent("default=a,b") }?.contains("keys are not read here") == true)
    }

    @Test func endToEnd() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let value = "correct-horse-\(UInt64.random(in: .min ... .max))"
        let context = try bench.context(
            "FROM \(CommandBench.base)\nRUN --mount=type=secret,id=key,required busybox wc -c < /run/secrets/key\n")
        let none = try await bench.run("build", context)
        #expect(none.status == 125)
        #expect(none.error.contains("pass it with --secret id=key,src=FILE or --secret id=key,env=VARIABLE"))
        let given = try await bench.run(
            "build", "--progress", "plain", "--secret", "id=key,env=KEY", context,
            environment: ["KEY": value])
        #expect(given.status == 0 && given.error.contains("\(value.utf8.count)"), "\(given)")
        #expect(!given.error.contains(value) && !given.output.contains(value))
        let wrong = try await bench.run("build", "--secret", "key", context)
        #expect(wrong.status == 2 && wrong.error.contains("ocibuild help build"))
    }
}
