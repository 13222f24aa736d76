/// One way to do a piece of work.
struct Subject {
    let name: String
    /// Does the work once.
    let run: () throws -> Void
    /// Bytes that it makes; nil where that is not the point.
    var outputSize: Int64?
    /// The line of shell that does the work, in place of `run`, where a program does it: its memory is then known too.
    var command: String?

    init(name: String, run: @escaping () throws -> Void, outputSize: Int64? = nil) {
        self.name = name
        self.run = run
        self.outputSize = outputSize
    }

    init(name: String, command: String, outputSize: Int64? = nil) {
        self.init(name: name, run: { try Command.run(command) }, outputSize: outputSize)
        self.command = command
    }

    /// Does the work once and tells what it cost.
    func sample() throws -> Sample {
        if let command { return try Command.run(command) }
        return try Sample.taking(run)
    }
}
