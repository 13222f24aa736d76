/// A page of help that is about no command.
struct HelpTopic: Sendable {
    /// What `ocibuild help` finds it by.
    let name: String
    /// One line for the list.
    let summary: String
    /// Paragraphs.
    let text: [String]
    /// Lines to try, each with what it is for.
    let examples: [(line: String, meaning: String)]

    /// Every topic there is.
    static let all = [rootless, cache]

    private static let cache = HelpTopic(
        name: "cache", summary: "Share the results of steps between machines",
        text: [
            "A build with --cache-to writes the results of its steps to a repository of a registry; one with --cache-from finds "
                + "them there by their keys and does those steps no more, on whatever machine. Layers that no step reads are "
                + "not even fetched.",
            "Each result is an ordinary image under a tag of its own that begins with \"ocibuild-\", so the repository may be "
                + "one that has other images too, and any number of builders may use it at once. mode=min writes the steps that "
                + "the image grows from, mode=max those of all stages. type=local does the same in a folder.",
            "Whoever may write to the repository can claim results. With --cache-key only those are used that the key has "
                + "signed: the private key signs and checks, the public one checks.",
            "Results older than max-age (or --cache-ttl) are not used, and `ocibuild cache prune` deletes old ones. A cache that "
                + "fails is warned of once and never fails the build.",
        ],
        examples: [
            (
                line: "ocibuild build --cache-from registry.example/app/cache --cache-to registry.example/app/cache .",
                meaning: "Read and write, as a CI job does."
            ),
            (
                line: "ocibuild build --cache-to type=registry,ref=registry.example/app/cache,mode=max .",
                meaning: "Write the steps of all stages."
            ),
            (
                line: "ocibuild build --cache-from type=local,src=.cache --cache-to type=local,dest=.cache .",
                meaning: "Through a folder that the CI system keeps."
            ),
            (line: "openssl genpkey -algorithm ed25519 -out cache.key", meaning: "Make a key for --cache-key; then"),
            (line: "openssl pkey -in cache.key -pubout -out cache.pub", meaning: "the public one for those who read."),
        ])

    private static let rootless = HelpTopic(
        name: "rootless", summary: "Build without being root: the sandboxes, and what each needs",
        text: [
            "A RUN step gets the strongest sandbox that works here, found by trying. `ocibuild doctor` shows which, and for "
                + "each stronger one the command or setting that would allow it; --isolation asks for one, --min-isolation "
                + "refuses what is weaker.",
            "root: namespaces and overlay, by root with CAP_SYS_ADMIN. Owners are what they are.",
            "userns: the same inside a user namespace, which ocibuild enters when it starts. It needs no privilege, but "
                + "subordinate ids (a line for the user in /etc/subuid and /etc/subgid), newuidmap and newgidmap (package "
                + "uidmap), and that neither no_new_privs nor a seccomp filter nor AppArmor forbids it. Files of the store "
                + "belong to subordinate ids: only ocibuild, prune included, can delete them.",
            "single: a user namespace of one id for each step. It needs user namespaces and nothing else, works under "
                + "no_new_privs and for any uid, and owners, modes, devices and capabilities are recorded beside the files "
                + "and shown to the steps.",
            "chroot: root without CAP_SYS_ADMIN, as in an ordinary container. No security boundary: the container is it.",
            "none: no RUN. COPY, ADD and all settings work everywhere.",
            "The store is below $XDG_DATA_HOME, else $HOME/.local/share, else /var/tmp/ocibuild-UID; OCIBUILD_ROOT or "
                + "--root names another place. It should be on ext4, xfs, btrfs or tmpfs; on others steps run in copies.",
            "Recipes for GitHub Actions, GitLab, Kubernetes, Docker and Jenkins are in Fixtures/recipes of the sources.",
        ],
        examples: [
            (line: "ocibuild doctor", meaning: "What works here, and what would lift what does not."),
            (
                line: "ocibuild build --min-isolation userns .",
                meaning: "Fail rather than build in a sandbox weaker than a user namespace with real owners."
            ),
            (
                line: "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \"$USER\"",
                meaning: "Give this user subordinate ids."
            ),
        ])
}

extension HelpPage {
    /// A topic's page.
    func page(for topic: HelpTopic) -> String {
        var lines = [style.bold(topic.summary) + "."]
        for paragraph in topic.text { lines += [""] + wrap(paragraph, to: width) }
        lines += ["", style.bold("Examples:")]
        for example in topic.examples { lines += ["  " + example.line, "      " + style.dim(example.meaning)] }
        return lines.joined(separator: "\n")
    }
}
