import Glibc
import OCIBuild
import OCIContent
import OCISpec

/// `ocibuild images`.
enum ImagesVerb {
    static let quiet = Flag.toggle("quiet", short: "q", "Print only digests.")
    static let digests = Flag.toggle("digests", "Show digests in full.")

    static let verb = Verb(
        name: "images", aliases: ["ls"], chapter: .images,
        summary: "List the images kept here",
        operands: [
            Verb.Operand(name: "NAME", count: 0...1, help: "Only names that contain this.")
        ],
        flags: [quiet, digests, CommonFlags.json],
        run: run)

    /// One image for `--json`.
    struct Row: Encodable {
        let name: String
        let tag: String?
        let digest: Digest
        let id: Digest?
        let created: String?
        let size: Int64?
        /// Why the image cannot be read; absent where it can.
        let problem: String?
    }

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("images", arguments, console)
        let store = try session.builder().store
        let wanted = try arguments.operandTexts(of: "images").first
        var rows: [Row] = []
        for (reference, descriptor) in try store.references() {
            let name = reference.familiar
            if let wanted, name.firstRange(of: wanted) == nil, reference.description.firstRange(of: wanted) == nil {
                continue
            }
            rows.append(await row(reference, descriptor, in: store))
        }
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: rows)
        } else if arguments.isOn(quiet) {
            var seen: Set<Digest> = []
            for row in rows where seen.insert(row.digest).inserted { console.print(row.digest.description) }
        } else {
            console.print(table(rows, fullDigests: arguments.isOn(digests), now: Int64(time(nil))))
        }
        return ExitStatus.success
    }

    private static func row(_ reference: Reference, _ descriptor: Descriptor, in store: LocalStore) async -> Row {
        var bare = reference
        bare.tag = nil
        bare.digest = nil
        do {
            let details = try await ImageReport(descriptor, in: store, platform: .host, names: [])
            return Row(
                name: bare.familiar, tag: reference.tag, digest: descriptor.digest, id: details.id,
                created: details.created, size: details.size, problem: nil)
        } catch {
            return Row(
                name: bare.familiar, tag: reference.tag, digest: descriptor.digest, id: nil, created: nil, size: nil,
                problem: String(describing: error))
        }
    }

    /// The table for people.
    static func table(_ rows: [Row], fullDigests: Bool, now: Int64) -> Table {
        var table = Table(["NAME", "TAG", "DIGEST", "CREATED", "SIZE"], flexibleColumn: 0)
        for row in rows {
            let age = row.created.flatMap { Moment.seconds(parsing: $0) }.map { Measure.age(of: $0, now: now) }
            table.add([
                row.name, row.tag ?? "-", fullDigests ? row.digest.description : String(row.digest.hex.prefix(12)),
                age ?? "-", row.size.map { Measure.size($0) } ?? "not readable",
            ])
        }
        return table
    }
}
