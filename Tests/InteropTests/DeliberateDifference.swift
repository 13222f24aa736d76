/// Where ocibuild means to differ from buildah 1.28, and why. An entry that no longer occurs is a failure too.
struct DeliberateDifference: Sendable {
    /// The fixture; nil for any that shows it.
    let fixture: String?
    /// What differs: a `Difference`'s subject, or the beginning of one where it ends in "*".
    let subject: String
    let reason: String

    init(_ fixture: String?, _ subject: String, _ reason: String) {
        self.fixture = fixture
        self.subject = subject
        self.reason = reason
    }

    func covers(_ difference: Difference, in name: String) -> Bool {
        guard fixture == nil || fixture == name else { return false }
        return subject.last == "*" ? difference.subject.hasPrefix(subject.dropLast()) : difference.subject == subject
    }

    private static let mountPoint =
        "buildah leaves the mount points of its RUN steps in the image; our steps leave none"
    private static let cleaned = "a working directory is written without dots and a trailing slash, as BuildKit does"
    private static let shell = "the OCI format has no field for SHELL, so buildah forgets it; we honour and keep it"
    private static let scratch = "an image from scratch says that its working directory is /, as BuildKit does"
    private static let links =
        "a later step's link to an older layer's file copies the file there, as overlayfs does; buildah copies the tree"

    static let all: [DeliberateDifference] = [
        Self(
            nil, "config.Labels.io.buildah.version",
            "buildah signs its images; we add no label that nobody asked for"),
        Self(nil, "etc/hosts", mountPoint),
        Self(nil, "etc/hostname", mountPoint),
        Self(nil, "etc/resolv.conf", mountPoint),
        Self("scratch", "dev", mountPoint),
        Self("scratch", "etc", mountPoint),
        Self("scratch", "proc", mountPoint),
        Self("scratch", "run", mountPoint),
        Self("scratch", "sys", mountPoint),
        Self("run-mounts", "mounted", mountPoint),
        Self("run-mounts", "run/secrets", mountPoint),
        Self("run-mounts", "usr/local", mountPoint),
        Self("run-mounts", "var/cache", mountPoint),
        Self("dots", "config.WorkingDir", cleaned),
        Self("workdir", "config.WorkingDir", cleaned),
        Self("shell", "config.Shell", shell),
        Self("shell", "config.Cmd", shell),
        Self("shell", "config.Entrypoint", shell),
        Self("shell", "flags content", shell),
        Self("hard-links", "fourth link", links),
        Self("hard-links", "second link", links),
        Self(
            "healthcheck", "config.Healthcheck",
            "the OCI format has no field for it, so buildah drops it; we keep it, as BuildKit does, for those who read it"
        ),
        Self(
            "metadata", "config.ExposedPorts",
            "a range of ports is written port by port, as Docker does; buildah writes the range"),
        Self(
            "context-modes", "tree/program mode",
            "a file of the context keeps its set-user-id bit, as with BuildKit; buildah takes it away"),
        Self(
            "escape-directive", "config.Env",
            "buildah ignores the escape directive inside words; by the Dockerfile reference it holds there"),
        Self(
            "modes", ". mode",
            "RUN chmod of the root directory is part of the layer; buildah's layers leave the root out"),
        Self(
            "multi-stage", "tree owner",
            "the folder that COPY --from makes for a folder's content is a copy of that folder, owner included, as with "
                + "BuildKit; buildah gives it to root"),
        Self("scratch-only-files", "config.WorkingDir", scratch),
        Self("copy-from-image", "config.WorkingDir", scratch),
    ]
}
