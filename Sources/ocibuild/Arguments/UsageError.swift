/// A command line that cannot be understood. It ends the program with status 2.
struct UsageError: Error, Equatable, CustomStringConvertible {
    /// The verb it concerns; nil where no verb was recognised.
    var verb: String?
    /// One line: what is wrong and, where known, what was probably meant.
    let message: String

    /// The command that shows what is allowed.
    var hint: String {
        verb.map { "ocibuild help \($0)" } ?? "ocibuild help"
    }

    var description: String { message }
}
