/// Why a word cannot be expanded; the caller adds the place.
struct ExpansionError: Error, Hashable {
    let code: Diagnostic.Code
    let message: String

    init(_ code: Diagnostic.Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func openQuote(_ name: String) -> ExpansionError {
        ExpansionError(.unterminatedQuote, "a \(name) quote is not closed")
    }

    static let openBrace = ExpansionError(.badSubstitution, "\"${\" without the \"}\" that closes it")

    static let growth = ExpansionError(
        .tooLarge, "a word grows past \(DockerfileLimits.wordSize) bytes by expansion, more than Linux takes")
}
