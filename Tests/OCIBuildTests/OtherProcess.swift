import Glibc
import OCIBuild
import Testing

/// A builder in a process of its own: the test program again, told by its environment to run only this.
@Suite struct OtherProcess {
    static let root = getenv("OCIBUILD_TEST_STORE").map { String(cString: $0) }
    static let context = getenv("OCIBUILD_TEST_CONTEXT").map { String(cString: $0) }

    @Test(.enabled(if: root != nil)) func builds() async throws {
        let tag = try Reference(parsing: "process:\(getpid())")
        _ = try await Builder(root: Self.root, environment: [:]).build(
            .text(StoreTests.shared), context: Self.context, options: BuildOptions(tags: [tag]))
    }
}
