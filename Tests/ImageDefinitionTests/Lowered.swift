import BuildModel
import Dockerfile
import ImageDefinition
import OCISpec

/// Plans that were lowered on pretended base images, and what decides on their digest.
struct Lowered: Hashable {
    let steps: [BuildStep]
    let inputs: [[Int]]
    let config: ImageConfig
    let history: [String]

    static let platform = Platform(os: "linux", architecture: "amd64")

    static var options: LoweringOptions { LoweringOptions(platform: platform, buildPlatform: platform) }

    /// A base image that sets a PATH and a command.
    static var base: ImageConfig {
        var config = ImageConfig(platform: platform)
        config.config.env = ["PATH=/usr/bin:/bin"]
        config.config.cmd = ["bash"]
        return config
    }

    init(_ plan: BuildPlan) {
        steps = plan.nodes.map(\.step)
        inputs = plan.nodes.map { $0.inputs.map(\.index) }
        config = plan.config
        history = plan.history.map(\.createdBy)
    }

    static func plan(_ file: ParsedDockerfile, base: ImageConfig = base) throws -> BuildPlan {
        var bases: [BaseRequest: ImageConfig] = [:]
        for request in try file.bases(options: options) { bases[request] = base }
        return try file.lower(options: options, bases: bases)
    }

    init(_ image: Image, base: ImageConfig = base) throws {
        self.init(try Self.plan(image.plan.composed().parsed(), base: base))
    }

    init(json: String, base: ImageConfig = base) throws {
        let plan = try ImagePlan(parsing: Array(json.utf8), name: "plan.json")
        self.init(try Self.plan(plan.composed().parsed(), base: base))
    }

    init(text: String, base: ImageConfig = base) throws {
        self.init(try Self.plan(ParsedDockerfile(parsing: DockerfileSource(text: text)), base: base))
    }
}
