import BuildModel
import OCISpec

@testable import Dockerfile

/// Short ways to read and lower a text.
enum Sample {
    static let platform = Platform(os: "linux", architecture: "amd64")

    static func parse(_ text: String) throws(Diagnostic) -> ParsedDockerfile {
        try ParsedDockerfile(parsing: DockerfileSource(text: text))
    }

    static func options(_ buildArgs: [String: String?] = [:]) -> LoweringOptions {
        LoweringOptions(buildArgs: buildArgs, platform: platform, buildPlatform: platform)
    }

    /// A base image as Debian's is.
    static var debian: ImageConfig {
        var config = ImageConfig(platform: platform)
        config.created = "2024-01-01T00:00:00Z"
        config.config.env = ["PATH=/usr/bin:/bin"]
        config.config.cmd = ["bash"]
        config.history = [History(createdBy: "base")]
        return config
    }

    /// Lowers a text; every image that it names is `base`.
    static func lower(
        _ text: String, target: String? = nil, options: LoweringOptions = options(), base: ImageConfig = debian
    ) throws(Diagnostic) -> BuildPlan {
        let file = try parse(text)
        var bases: [BaseRequest: ImageConfig] = [:]
        for request in try file.bases(target: target, options: options) { bases[request] = base }
        for request in try file.bases(target: target, options: options, resolved: bases) { bases[request] = base }
        return try file.lower(target: target, options: options, bases: bases)
    }

    /// The RUN steps of a plan.
    static func runs(_ plan: BuildPlan) -> [RunStep] {
        plan.nodes.compactMap { if case .run(let step) = $0.step { step } else { nil } }
    }

    /// The copies of a plan.
    static func copies(_ plan: BuildPlan) -> [CopyStep] {
        plan.nodes.compactMap { if case .copy(let step) = $0.step { step } else { nil } }
    }

    /// What reading or lowering a text throws.
    static func failure(_ text: String, target: String? = nil, buildArgs: [String: String?] = [:]) -> Diagnostic? {
        do throws(Diagnostic) {
            _ = try lower(text, target: target, options: options(buildArgs))
            return nil
        } catch {
            return error
        }
    }
}
