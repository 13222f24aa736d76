import BuildModel

/// One step of an image's definition.
///
/// Closed on purpose: a new kind of step is a compile error in every place that must learn of it.
public enum ImageStep: Sendable, Hashable {
    /// Runs a command.
    case run(RunAction)
    /// Copies files as they are.
    case copy(CopyAction)
    /// Copies files; local archives are unpacked, addresses fetched.
    case add(CopyAction)
    /// Sets variables; their values are expanded before any is set.
    case environment([NamedText])
    /// Sets labels.
    case labels([NamedText])
    /// Declares build arguments.
    case arguments([NamedArgument])
    /// Sets, and makes, the working directory; relative to the one before.
    case workdir(StepText)
    /// Sets the user of the steps that follow, and of the container.
    case user(StepText)
    /// Sets the program that a container runs.
    case entrypoint(CommandForm)
    /// Sets the command, or the entrypoint's arguments.
    case cmd(CommandForm)
    /// Names ports that a container listens on, `8000`, `53/udp` or `8000-8010`.
    case expose([StepText])
    /// Names paths that hold a container's data.
    case volumes([StepText])
    /// Sets the signal that ends a container.
    case stopSignal(StepText)
    /// Sets the shell of commands in shell form.
    case shell([String])
    /// Names the image's author.
    case maintainer(String)
    /// Says how a container is checked; nil for not at all.
    case healthcheck(HealthcheckAction?)
    /// Keeps an instruction, as a Dockerfile has it, for the builds that start from this image.
    case onBuild(String)
    /// Makes this version of Python available as `python`, `python3` and `pip`.
    case python(String)
}

/// A step with the place that asked for it. Equal steps are equal wherever they were written.
struct PlacedStep: Sendable, Hashable {
    var step: ImageStep
    var origin: SourceOrigin?

    static func == (left: PlacedStep, right: PlacedStep) -> Bool { left.step == right.step }

    func hash(into hasher: inout Hasher) { hasher.combine(step) }
}
