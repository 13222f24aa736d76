/// One instruction as a program appends it to a definition.
package enum ComposedInstruction: Sendable, Hashable {
    /// RUN; with `user`, the user of this step alone.
    case run(ComposedCommand, flags: [ComposedFlag] = [], user: ComposedWord? = nil)
    /// COPY, or ADD.
    case copy(
        sources: [ComposedWord], files: [ComposedFile] = [], destination: ComposedWord, isAdd: Bool,
        flags: [ComposedFlag] = [])
    /// ENV: every value is expanded before any is set.
    case env([ComposedPair])
    /// LABEL.
    case label([ComposedPair])
    /// ARG.
    case argument([ComposedPair])
    /// WORKDIR.
    case workdir(ComposedWord)
    /// USER.
    case user(ComposedWord)
    /// STOPSIGNAL.
    case stopSignal(ComposedWord)
    /// CMD.
    case cmd(ComposedCommand)
    /// ENTRYPOINT.
    case entrypoint(ComposedCommand)
    /// EXPOSE.
    case expose([ComposedWord])
    /// VOLUME.
    case volume([ComposedWord])
    /// SHELL.
    case shell([String])
    /// MAINTAINER.
    case maintainer(String)
    /// HEALTHCHECK; without a command, HEALTHCHECK NONE.
    case healthcheck(ComposedCommand?, flags: [ComposedFlag] = [])
    /// ONBUILD, with the instruction as a Dockerfile has it.
    case onBuild(String)
}

/// A command in one of its two forms.
package enum ComposedCommand: Sendable, Hashable {
    /// A text for the shell, which may have line breaks.
    case shell(String)
    /// A program with its arguments.
    case exec([String])
    /// A text that begins with `#!`, for the interpreter named there, and the file that it is in meanwhile. RUN only.
    case script(String, name: String)

    /// The name of a script's file where nothing else is wanted.
    package static let usualScriptName = "EOF"
}

/// A file that the definition itself holds.
package struct ComposedFile: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// Its content; in an expanding one quotes are characters like any other.
    package var content: ComposedWord

    /// Makes a file.
    package init(name: String, content: ComposedWord) {
        self.name = name
        self.content = content
    }
}

/// A name with its value; only ARG does without one.
package struct ComposedPair: Sendable, Hashable {
    /// The name.
    package var name: ComposedWord
    /// The value.
    package var value: ComposedWord?

    /// Makes a pair.
    package init(_ name: ComposedWord, _ value: ComposedWord?) {
        self.name = name
        self.value = value
    }
}

/// A flag of an instruction, such as `--chown=1000:1000`.
package struct ComposedFlag: Sendable, Hashable {
    /// Its name, without the dashes.
    package var name: String
    /// Its value.
    package var value: ComposedWord

    /// Makes a flag.
    package init(_ name: String, _ value: ComposedWord) {
        self.name = name
        self.value = value
    }
}
