import LinuxSystem

/// The name that the program was called by. Links named `chutes`, `beaker` and `docker` answer to the command lines
/// that users of those know; the verbs are the same.
enum ProgramName {
    /// What `docker image` calls verbs that are called otherwise here.
    private static let imageVerbs = ["rm": "rmi", "remove": "rmi", "ls": "images", "list": "images"]

    /// The command line in this program's own words.
    static func translate(_ words: [Word], calledAs program: Path) -> [Word] {
        guard program.lastComponent == "docker", words.first == Word("image"), words.count > 1 else { return words }
        let verb = words[1].text.flatMap { imageVerbs[$0] }.map { Word($0) } ?? words[1]
        return [verb] + words.dropFirst(2)
    }
}
