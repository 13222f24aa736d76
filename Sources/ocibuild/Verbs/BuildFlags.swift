import Codecs
import OCIBuild

/// The options of `build`.
enum BuildFlags {
    static let file = Flag.option(
        "file", short: "f", aliases: ["dockerfile"], .path("FILE"), in: .definition,
        "The definition; - reads it from standard input. Default: Dockerfile or Containerfile in the context.")
    static let plan = Flag.option(
        "plan", .path("FILE"), in: .definition,
        "Build a plan, the JSON that `ocibuild plan` prints, instead of a Dockerfile; - reads it from standard input.")
    static let target = Flag.option("target", .text("STAGE"), in: .definition, "Stop at this stage.")
    static let buildArg = Flag.option(
        "build-arg", .text("NAME[=VALUE]"), repeatable: true, in: .definition,
        "Set an ARG; without a value, from the environment.")
    static let buildArgFile = Flag.option(
        "build-arg-file", .path("FILE"), repeatable: true, in: .definition, "Set ARGs from lines of NAME=VALUE.")
    static let platform = Flag.option(
        "platform", .text("OS/ARCH[/VARIANT]"), in: .definition,
        "The platform to build for. Default: DOCKER_DEFAULT_PLATFORM, else this machine's.")
    static let label = Flag.option(
        "label", .text("NAME=VALUE"), repeatable: true, in: .definition, "Add a label to the image.")

    static let annotation = Flag.option(
        "annotation", .text("NAME=VALUE"), repeatable: true, in: .definition, "Add an annotation to the manifest.")

    static let tag = Flag.option(
        "tag", short: "t", .text("NAME[:TAG]"), repeatable: true, in: .result, "Name the image.")
    static let push = Flag.toggle(
        "push", negatable: true, in: .result,
        "Push every name that the image was given. Without --output, layers that no step reads are not fetched.")
    static let output = Flag.option(
        "output", short: "o", .text("type=KIND,dest=PATH"), repeatable: true, in: .result,
        "Write the image elsewhere too: as oci (an OCI layout in a folder or, where PATH ends in .tar, an archive), "
            + "docker (an archive for `docker load`), dir (its file tree in a folder) or tar (its file tree as a tar). A "
            + "path alone means type=dir; dest=- is standard output.")
    static let iidfile = Flag.option("iidfile", .path("FILE"), in: .result, "Write the image's configuration digest.")
    static let metadataFile = Flag.option(
        "metadata-file", .path("FILE"), in: .result, "Write what was built, as JSON.")
    static let compression = Flag.option(
        "compression", .choice(Compression.allCases.map(\.rawValue)), in: .result,
        "How layers are compressed: gzip, fast to best, or by zlib, the slower reference; zstd; or not at all.")
    static let ignoreFile = Flag.option(
        "ignorefile", .path("FILE"), in: .definition,
        "What the context leaves out. Default: <FILE>.dockerignore, then .containerignore or .dockerignore in it.")
    static let compressionThreads = Flag.option(
        "compression-threads", .number("N", 1...256), hidden: true, in: .result,
        "Threads for compression; the result does not depend on it.")

    static let isolation = Flag.option(
        "isolation", .text(BuildOptions.IsolationChoice.allCases.map(\.rawValue).joined(separator: "|")), in: .steps,
        "The sandbox. Default: OCIBUILD_ISOLATION or BUILDAH_ISOLATION, else the strongest that works here; `ocibuild "
            + "doctor` shows them, and `ocibuild help rootless` what each needs. buildah's names oci and rootless, and "
            + "docker's default, mean auto.")
    static let minIsolation = Flag.option(
        "min-isolation", .choice(IsolationOption.strengths.map(\.rawValue)), in: .steps,
        "Fail rather than run commands in a weaker sandbox than this; root is the strongest, then userns, single, "
            + "chroot (no security boundary) and none. Default: OCIBUILD_MIN_ISOLATION, else none.")
    static let network = Flag.option(
        "network", .choice(["default", "host", "none"]), in: .steps, "The network that RUN sees: the host's, or none.")
    static let secret = Flag.option(
        "secret", .text("id=NAME,src=FILE|env=VARIABLE"), repeatable: true, in: .steps,
        "Hand a secret to the steps that ask for it with RUN --mount=type=secret. It is in no layer, history or log.")
    static let ssh = Flag.option(
        "ssh", .text("default|NAME=SOCKET"), repeatable: true, in: .steps,
        "Hand an SSH agent to the steps that ask for it with RUN --mount=type=ssh. Default: SSH_AUTH_SOCK.")
    static let addHost = Flag.option(
        "add-host", .text("NAME:IP"), repeatable: true, in: .steps, "Add a line to the /etc/hosts that RUN sees.")
    static let hostCertificates = Flag.toggle(
        "host-ca", negatable: true, in: .steps,
        "Let RUN trust the certificate authorities that this machine trusts (the default).")
    static let noCache = Flag.toggle("no-cache", in: .cache, "Do every step again.")
    static let pull = Flag.option(
        "pull", .choice(BuildOptions.PullPolicy.allCases.map(\.rawValue)), implied: "always", in: .cache,
        "Whether to ask registries for newer bases: always (--pull alone), only for those missing here (the "
            + "default), or never.")
    static let baseMap = Flag.option(
        "base-map", .text("PATTERN=IMAGE"), repeatable: true, in: .definition,
        "Use IMAGE where a definition names a base that matches PATTERN (* is any text), for mirrors and stand-ins.")
    static let pythonMirror = Flag.option(
        "python-mirror", .text("URL"), in: .steps,
        "Where withPython finds prebuilt interpreters and their SHA256SUMS. Default: OCIBUILD_PYTHON_MIRROR, else the "
            + "newest release of python-build-standalone.")
    static let pythonSource = Flag.option(
        "python-source", .text("URL"), in: .steps,
        "Where withPython finds source archives, laid out as python.org's. Default: OCIBUILD_PYTHON_SOURCE, else "
            + "python.org.")
    static let timestamp = Flag.option(
        "timestamp", .text("now|preserve|SECONDS"), in: .cache,
        "The time given to copied files. Default: a constant, so that equal content makes equal layers.")
    static let sourceDateEpoch = Flag.option(
        "source-date-epoch", .text("SECONDS"), in: .cache,
        "The time of creation; no file of our layers is newer. Default: SOURCE_DATE_EPOCH.")

    static let context = Flag.option("context", .path("DIR"), in: .kaniko, "The context, as the operand.")
    static let destination = Flag.option(
        "destination", .text("NAME[:TAG]"), repeatable: true, in: .kaniko, "--tag, and --push unless --no-push.")
    static let tarPath = Flag.option("tar-path", .path("FILE"), in: .kaniko, "--output type=docker,dest=FILE.")
    static let digestFile = Flag.option("digest-file", .path("FILE"), in: .kaniko, "Write the manifest's digest.")

    static let all =
        [
            file, plan, ignoreFile, target, baseMap, buildArg, buildArgFile, platform, label, annotation, tag, push,
            output, iidfile, metadataFile, compression, compressionThreads, isolation, minIsolation, network, secret,
            ssh, addHost,
            hostCertificates, pythonMirror, pythonSource, noCache, pull, timestamp, sourceDateEpoch, context,
            destination, tarPath, digestFile,
        ] + CacheFlags.all + CacheFlags.kaniko + LimitFlags.all + PythonFlags.all + RegistryFlags.all
        + ProgressFlags.all
}
