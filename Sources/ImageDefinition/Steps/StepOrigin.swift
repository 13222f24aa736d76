/// Where a step takes files from, other than the build context.
public enum StepOrigin: Sendable, Hashable {
    /// A stage of the same plan.
    case stage(String)
    /// An image, by its reference.
    case image(String)
    /// Another definition, which becomes a stage of the plan.
    case definition(Image)
}
