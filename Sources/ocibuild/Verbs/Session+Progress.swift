import BuildEngine

extension Session {
    /// Does something that reports events while a view shows them. The view is closed, and the terminal as it was,
    /// when this returns or throws.
    func watching<Result>(
        _ body: (_ report: @escaping @Sendable (BuildEvent) -> Void) async throws -> Result
    ) async throws -> Result {
        let view = try progress()
        defer { view.close() }
        do {
            return try await body { view.handle($0) }
        } catch {
            if !(error is CancellationError) { view.failed(error) }
            throw error
        }
    }
}
