/// Options of every verb that talks to a registry.
enum RegistryFlags {
    static let authfile = Flag.option(
        "authfile", .path("FILE"), in: .registry,
        "Credentials, as in Docker's config.json. Default: REGISTRY_AUTH_FILE, then where podman and docker keep "
            + "theirs.")
    static let creds = Flag.option(
        "creds", .text("USER:PASSWORD"), in: .registry,
        "Credentials for this command's registry; visible to other users of this machine, so prefer --authfile.")
    static let tlsVerify = Flag.toggle(
        "tls-verify", negatable: true, in: .registry,
        "Check the registries' certificates (the default). --tls-verify=false accepts any, and plain http.")
    static let insecure = Flag.option(
        "insecure", aliases: ["insecure-registry"], .text("HOST[:PORT]"), repeatable: true, in: .registry,
        "Accept any certificate of this registry, and plain http. Also OCIBUILD_INSECURE_REGISTRIES, separated by "
            + "commas.")
    static let plainHTTP = Flag.option(
        "plain-http", .text("HOST[:PORT]"), repeatable: true, in: .registry,
        "Speak nothing but plain http with this registry.")
    static let caBundle = Flag.option(
        "ca-bundle", .path("FILE"), in: .registry, "Certificate authorities (PEM) to trust.")

    static let all = [authfile, creds, tlsVerify, insecure, plainHTTP, caBundle]
}

/// Options of every verb that takes its time.
enum ProgressFlags {
    static let progress = Flag.option(
        "progress", .choice(ProgressMode.allCases.map(\.rawValue)), in: .progress,
        "How progress is shown on standard error. Default: OCIBUILD_PROGRESS or BUILDKIT_PROGRESS, else auto: a live "
            + "view on a terminal, lines elsewhere.")
    static let quiet = Flag.toggle("quiet", short: "q", in: .progress, "Show only the result, warnings and errors.")

    static let all = [progress, quiet]
}

/// Options that several verbs share.
enum CommonFlags {
    static let json = Flag.toggle("json", "Print JSON, for programs.")
    static let platform = Flag.option(
        "platform", .text("OS/ARCH[/VARIANT]"),
        "Which image of a multi-platform one. Default: DOCKER_DEFAULT_PLATFORM, else this machine's.")
}
