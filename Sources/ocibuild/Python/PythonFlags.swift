/// Options of `build` for definitions in Python, and those that the `chutes build` command takes.
enum PythonFlags {
    static let definitionTimeout = Flag.option(
        "definition-timeout", .number("SECONDS", 1...86_400), in: .chutes,
        "How long a Python definition may take to say what its image is. Default: \(PythonReader.defaultTimeout).")
    static let includeCwd = Flag.toggle(
        "include-cwd", in: .chutes,
        "The context is the whole current folder: nothing in it is left out by an ignore file.")
    static let local = Flag.toggle("local", in: .chutes, "Keep the image on this machine: nothing is pushed.")
    static let debug = Flag.toggle(
        "debug", in: .chutes, "Show everything: the plan, the Dockerfile it stands for, and every line of progress.")
    static let wait = Flag.toggle("wait", negatable: true, in: .chutes, "Wait for the build, which is always so here.")
    static let isPublic = Flag.toggle("public", in: .chutes, "Concerns the Chutes platform; nothing here.")
    static let logo = Flag.option("logo", .path("FILE"), in: .chutes, "Concerns the Chutes platform; nothing here.")
    static let configPath = Flag.option(
        "config-path", .path("FILE"), in: .chutes, "Concerns the Chutes platform; nothing here.")

    static let all = [definitionTimeout, includeCwd, local, debug, wait, isPublic, logo, configPath]

    /// Those that were given and mean nothing here, as they are written.
    static func withoutMeaning(_ arguments: Arguments) -> [String] {
        [isPublic, logo, configPath].filter { arguments.word($0) != nil }.map { "--\($0.name)" }
    }
}
