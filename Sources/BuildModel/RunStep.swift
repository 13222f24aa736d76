/// Runs a command on its parent tree (`inputs[0]`); what it changes becomes a layer. The trees that its mounts take files
/// from are the further inputs.
package struct RunStep: Hashable, Sendable {
    /// The command and its arguments, a shell included where the definition used the shell form; never empty.
    package var argv: [String]
    /// "NAME=value", no name twice: the configuration's ENV, then the build arguments in scope that ENV does not
    /// set, in the order of declaration.
    package var environment: [String]
    /// "NAME=value" that the command also sees but that is no part of what the step means: proxies. It is in no
    /// history, no image and no cache key, so it may hold a password. `environment` wins where both set a name.
    package var ambientEnvironment: [String]
    /// Absolute path inside the tree.
    package var workingDirectory: String
    /// As the USER instruction spells it ("name", "1000", "name:group"); empty means root.
    package var user: String
    /// What the step itself asks for; nil leaves the choice to the build's options.
    package var network: NetworkMode?
    /// What the command sees besides its tree, in the order in which it is mounted.
    package var mounts: [StepMount]
    /// Programs that the command finds, executable, in `/dev/pipes` while it runs.
    package var scripts: [InlineFile]
    /// Whether `argv` begins with the shell that the definition implies.
    package var shellForm: Bool

    /// Where `scripts` are while the command runs, as BuildKit has it.
    package static let scriptFolder = "/dev/pipes"

    /// Makes a step that runs `argv`.
    package init(
        argv: [String], environment: [String] = [], ambientEnvironment: [String] = [],
        workingDirectory: String = "/", user: String = "", network: NetworkMode? = nil, mounts: [StepMount] = [],
        scripts: [InlineFile] = [], shellForm: Bool = false
    ) {
        self.argv = argv
        self.environment = environment
        self.ambientEnvironment = ambientEnvironment
        self.workingDirectory = workingDirectory
        self.user = user
        self.network = network
        self.mounts = mounts
        self.scripts = scripts
        self.shellForm = shellForm
    }
}
