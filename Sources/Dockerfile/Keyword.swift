/// The instructions of the language.
package enum Keyword: String, Sendable, CaseIterable {
    case add, arg, cmd, copy, entrypoint, env, expose, from, healthcheck, label, maintainer, onbuild, run, shell
    case stopsignal, user, volume, workdir

    /// As messages write it.
    package var name: String { rawValue.uppercased() }

    init?(_ word: ByteText) {
        self.init(rawValue: word.lowercased.string)
    }
}
