import Glibc

/// One word of the command line. It is bytes, since a path may hold any; text only where text was asked for.
struct Word: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The word as text, or nil where its bytes are not UTF-8.
    var text: String? {
        String(validating: bytes, as: UTF8.self)
    }

    /// The word for a message: whatever could steer a terminal is escaped.
    var shown: String {
        TerminalText.escape(bytes)
    }

    /// The words that this process was started with, the program's name left out.
    static func ofThisProcess() -> [Word] {
        var words: [Word] = []
        for pointer in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst() {
            guard let pointer else { continue }
            let length = strlen(pointer)
            words.append(Word(bytes: UnsafeRawBufferPointer(start: pointer, count: length)))
        }
        return words
    }
}
