extension Image {
    /// Sets a variable to exactly this value.
    public func withEnv(_ name: String, _ value: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.environment([NamedText(.literal(name), .literal(value))]), file: file, line: line)
    }

    /// Sets a variable to a text in which variables are expanded, as a Dockerfile does: `$PATH:/opt/bin`.
    public func withEnv(
        _ name: String, expanding value: String, file: String = #fileID, line: Int = #line
    ) -> Image {
        appending(.environment([NamedText(.literal(name), .expanding(value))]), file: file, line: line)
    }

    /// Sets the working directory, and makes it; relative to the one before.
    public func setWorkdir(_ directory: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.workdir(.literal(directory)), file: file, line: line)
    }

    /// Sets the working directory; another name of ``setWorkdir(_:file:line:)``.
    public func withWorkdir(_ directory: String, file: String = #fileID, line: Int = #line) -> Image {
        setWorkdir(directory, file: file, line: line)
    }

    /// Sets the user of the steps that follow, and of the container: a name, a number, or `user:group`.
    public func setUser(_ user: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.user(.literal(user)), file: file, line: line)
    }

    /// Sets the user; another name of ``setUser(_:file:line:)``.
    public func withUser(_ user: String, file: String = #fileID, line: Int = #line) -> Image {
        setUser(user, file: file, line: line)
    }

    /// Sets the program that a container runs.
    public func withEntrypoint(_ words: [String], file: String = #fileID, line: Int = #line) -> Image {
        appending(.entrypoint(.exec(words)), file: file, line: line)
    }

    /// Sets the program that a container runs, as a text for the shell.
    public func withEntrypoint(shell command: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.entrypoint(.shell(command)), file: file, line: line)
    }

    /// Sets the command, or the entrypoint's arguments.
    public func withCmd(_ words: [String], file: String = #fileID, line: Int = #line) -> Image {
        appending(.cmd(.exec(words)), file: file, line: line)
    }

    /// Sets the command, as a text for the shell.
    public func withCmd(shell command: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.cmd(.shell(command)), file: file, line: line)
    }

    /// Names a port that a container listens on.
    /// - Parameter transport: `tcp`, `udp` or `sctp`.
    public func exposePort(
        _ port: Int, _ transport: String = "tcp", file: String = #fileID, line: Int = #line
    ) -> Image {
        appending(.expose([.literal("\(port)/\(transport)")]), file: file, line: line)
    }

    /// Sets a label.
    public func withLabel(_ name: String, _ value: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.labels([NamedText(.literal(name), .literal(value))]), file: file, line: line)
    }

    /// Names the image's author.
    public func withMaintainer(_ name: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.maintainer(name), file: file, line: line)
    }

    /// Says how a container is checked. Durations are written `30s` or `1m30s`.
    public func withHealthcheck(
        _ words: [String], interval: String? = nil, timeout: String? = nil, startPeriod: String? = nil,
        startInterval: String? = nil, retries: Int? = nil, file: String = #fileID, line: Int = #line
    ) -> Image {
        let check = HealthcheckAction(
            .exec(words), interval: interval, timeout: timeout, startPeriod: startPeriod, startInterval: startInterval,
            retries: retries)
        return appending(.healthcheck(check), file: file, line: line)
    }

    /// Says how a container is checked, as a text for the shell.
    public func withHealthcheck(
        shell command: String, interval: String? = nil, timeout: String? = nil, startPeriod: String? = nil,
        startInterval: String? = nil, retries: Int? = nil, file: String = #fileID, line: Int = #line
    ) -> Image {
        let check = HealthcheckAction(
            .shell(command), interval: interval, timeout: timeout, startPeriod: startPeriod,
            startInterval: startInterval,
            retries: retries)
        return appending(.healthcheck(check), file: file, line: line)
    }

    /// Says that a container is not checked, whatever the base says.
    public func withoutHealthcheck(file: String = #fileID, line: Int = #line) -> Image {
        appending(.healthcheck(nil), file: file, line: line)
    }

    /// Names a path that holds a container's data.
    public func withVolume(_ path: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.volumes([.literal(path)]), file: file, line: line)
    }

    /// Sets the signal that ends a container.
    public func withStopSignal(_ signal: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.stopSignal(.literal(signal)), file: file, line: line)
    }

    /// Sets the shell of commands in shell form.
    public func withShell(_ words: [String], file: String = #fileID, line: Int = #line) -> Image {
        appending(.shell(words), file: file, line: line)
    }

    /// Declares a build argument, which the commands that follow see as a variable.
    public func withArgument(
        _ name: String, defaultValue: String? = nil, file: String = #fileID, line: Int = #line
    ) -> Image {
        let argument = NamedArgument(.literal(name), defaultValue: defaultValue.map { .literal($0) })
        return appending(.arguments([argument]), file: file, line: line)
    }

    /// Keeps an instruction, as a Dockerfile has it, for the builds that start from this image.
    public func onBuild(_ instruction: String, file: String = #fileID, line: Int = #line) -> Image {
        appending(.onBuild(instruction), file: file, line: line)
    }
}
