/// `ocibuild doctor`.
enum DoctorVerb {
    static let verb = Verb(
        name: "doctor", chapter: .machine,
        summary: "Show what this machine allows, and why not more",
        flags: [CommonFlags.json],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        throw CommandError("doctor is not connected to the library")
    }
}
