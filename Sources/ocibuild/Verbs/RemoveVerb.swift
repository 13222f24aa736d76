import OCIBuild
import OCIContent
import OCISpec

/// `ocibuild rmi`.
enum RemoveVerb {
    static let force = Flag.toggle("force", short: "f", "A name that is not there is no error.")

    static let verb = Verb(
        name: "rmi", aliases: ["untag"], chapter: .images,
        summary: "Remove names of images; `prune` then frees what none needs",
        operands: [
            Verb.Operand(name: "NAME", count: 1...Int.max, help: "The name to remove.")
        ],
        flags: [force],
        run: run)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("rmi", arguments, console)
        let builder = try session.builder()
        let store = builder.store
        let images = LocalImages(builder: builder, session: session)
        var status = ExitStatus.success
        for name in try arguments.operandTexts(of: "rmi") {
            do {
                let found = try await images.find(name)
                if let reference = found.reference {
                    try remove(reference.withDefaultTag(), from: store, console)
                } else {
                    // A digest means every name of the image.
                    for entry in try store.references() where entry.descriptor.digest == found.descriptor.digest {
                        try remove(entry.reference, from: store, console)
                    }
                }
            } catch let error as CommandError {
                if arguments.isOn(force) { continue }
                // The other names are still to be removed.
                status = OCIBuildCommand.report(error, console)
            }
        }
        return status
    }

    private static func remove(_ reference: Reference, from store: LocalStore, _ console: Console) throws {
        try store.untag(reference)
        console.print("untagged \(reference.familiar)")
    }
}
