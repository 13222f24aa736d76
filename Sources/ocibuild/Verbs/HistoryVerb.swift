import Glibc
import OCIBuild
import OCIContent
import OCISpec

/// `ocibuild history`.
enum HistoryVerb {
    static let noTruncation = Flag.toggle("no-trunc", "Show commands in full.")

    static let verb = Verb(
        name: "history", chapter: .images,
        summary: "Show how an image was made, newest first",
        operands: [
            Verb.Operand(name: "NAME", count: 1...1, help: "The image, by name or digest.")
        ],
        flags: [noTruncation, CommonFlags.platform, CommonFlags.json],
        run: run)

    /// One entry.
    struct Row: Encodable {
        let created: String?
        let createdBy: String?
        let comment: String?
        let layer: Digest?
        let size: Int64
    }

    static func run(_ arguments: Arguments, _ console: Console) async throws -> Int32 {
        let session = Session("history", arguments, console)
        let builder = try session.builder()
        let store = builder.store
        let name = try arguments.operandTexts(of: "history")[0]
        let image = try await LocalImages(builder: builder, session: session).find(name)
        let platform = try session.platform(CommonFlags.platform)
        let details = try await ImageReport(image.descriptor, in: store, platform: platform, names: [])
        let rows = rows(of: details)
        if arguments.isOn(CommonFlags.json) {
            try console.print(json: rows)
            return ExitStatus.success
        }
        let isWhole = arguments.isOn(noTruncation)
        var table = Table(["CREATED", "SIZE", "CREATED BY", "COMMENT"], flexibleColumn: isWhole ? nil : 2)
        let now = Int64(time(nil))
        for row in rows {
            let age = row.created.flatMap { Moment.seconds(parsing: $0) }.map { Measure.age(of: $0, now: now) }
            let command = row.createdBy ?? ""
            table.add([
                age ?? "-", row.layer == nil ? "-" : Measure.size(row.size),
                isWhole ? command : TextWidth.clip(command, to: 80), row.comment ?? "",
            ])
        }
        console.print(table)
        return ExitStatus.success
    }

    /// The entries, newest first, each with its layer. Layers that the history does not mention come last.
    static func rows(of details: ImageReport) -> [Row] {
        var layers = details.layers[...]
        var rows: [Row] = []
        for entry in details.history {
            let layer = entry.emptyLayer == true ? nil : layers.popFirst()
            rows.append(
                Row(
                    created: entry.created, createdBy: entry.createdBy, comment: entry.comment, layer: layer?.digest,
                    size: layer?.size ?? 0))
        }
        rows += layers.map {
            Row(created: nil, createdBy: "(not in the history)", comment: nil, layer: $0.digest, size: $0.size)
        }
        return rows.reversed()
    }
}
