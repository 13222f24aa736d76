extension Installation.Family {
    /// The words that mean "install what follows".
    var verbs: Set<String> {
        switch self {
        case .apt: ["install", "reinstall"]
        case .apk, .uv, .poetry: ["add"]
        case .dnf: ["install", "reinstall"]
        case .zypper: ["install", "in"]
        case .pip: ["install", "download", "wheel"]
        case .conda: ["install"]
        }
    }

    /// Options that take the next word as their value and install nothing.
    var valued: Set<String> {
        switch self {
        case .apt:
            [
                "-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a",
                "--host-architecture",
            ]
        case .apk:
            [
                "-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--keys-dir", "--repositories-file",
                "--cache-dir", "--wait", "--progress-fd", "--cache-max-age", "--timeout",
            ]
        case .dnf:
            [
                "-c", "--config", "--enablerepo", "--disablerepo", "--repo", "--repoid", "--installroot",
                "--releasever", "--setopt", "-x", "--exclude", "-d", "-e", "--forcearch", "--comment",
            ]
        case .zypper: ["-r", "--repo", "--from", "-t", "--type", "-C", "--capability"]
        case .pip, .uv, .poetry:
            [
                "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target",
                "-d", "--dest", "-w", "--wheel-dir", "--prefix", "--root", "--python-version", "--platform",
                "--implementation", "--abi", "--trusted-host", "--no-binary", "--only-binary", "--upgrade-strategy",
                "--global-option", "--build-option", "-C", "--config-settings", "--cache-dir", "--timeout", "--retries",
                "--proxy", "--cert", "--client-cert", "--log", "--progress-bar", "--report", "--src",
                "--root-user-action", "--python", "-p", "--use-feature", "--use-deprecated", "--exists-action",
                "--index-strategy", "--torch-backend", "--keyring-provider", "--index", "--default-index",
                "--overrides",
                "--override", "--group", "-G", "--source", "--extra", "--optional", "--extras", "-E",
            ]
        case .conda:
            [
                "-c", "--channel", "-n", "--name", "-p", "--prefix", "--solver", "--repodata-fn", "--use-local-channel",
                "-r", "--root-prefix",
            ]
        }
    }

    /// Options whose value says what to install.
    var sources: Set<String> {
        switch self {
        case .pip: ["-r", "--requirement", "--requirements", "-e", "--editable"]
        case .uv: ["-r", "--requirements", "--editable"]
        case .conda: ["-f", "--file", "--revision"]
        case .apt, .apk, .dnf, .zypper, .poetry: []
        }
    }

    /// Whether a version may follow a name after `>`, `<` or `=`, which a shell must not see bare.
    var comparesVersions: Bool {
        switch self {
        case .pip, .conda, .uv, .poetry, .apk: true
        case .apt, .dnf, .zypper: false
        }
    }

    /// Whether it changes the system's own packages, and thus must be root.
    var isOfSystem: Bool {
        switch self {
        case .apt, .apk, .dnf, .zypper: true
        case .pip, .conda, .uv, .poetry: false
        }
    }
}
