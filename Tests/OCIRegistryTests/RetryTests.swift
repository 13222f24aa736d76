import OCIRegistry
import Testing

@Suite("Retries")
struct RetryTests {
    private let policy = RetryPolicy(attempts: 3, firstPause: 0.001, longestPause: 0.002)
    private let lost = RegistryError(code: "CONNECTION_LOST", subject: "s", message: "m")

    @Test("A passing failure is tried again, at most so many times")
    func bounded() async throws {
        var calls = 0
        let error = await registryError {
            try await policy.run {
                calls += 1
                throw lost
            }
        }
        #expect(calls == 3)
        #expect(error?.message == "m, 3 times")
    }

    @Test("What will not pass is not tried again")
    func permanent() async {
        var calls = 0
        _ = await registryError {
            try await policy.run {
                calls += 1
                throw RegistryError(code: "DENIED", subject: "s", message: "m", status: 403)
            }
        }
        #expect(calls == 1)
    }

    @Test("Progress buys more tries, but not for ever")
    func progress() async {
        var calls: Int64 = 0
        _ = await registryError {
            try await policy.run(progress: { calls << 20 }) {
                calls += 1
                throw lost
            }
        }
        #expect(calls == 12)
    }

    @Test("Retry-After as seconds and as a date")
    func retryAfter() {
        #expect(RetryPolicy.seconds(retryAfter: "120") == 120)
        #expect(RetryPolicy.seconds(retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_770) == 7)
        #expect(RetryPolicy.seconds(retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT", now: 784_111_999) == 0)
        for text in ["", "soon", "-1", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            #expect(RetryPolicy.seconds(retryAfter: text) == nil)
        }
    }
}
