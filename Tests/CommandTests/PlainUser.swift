import LinuxSystem

/// A user of the machine who is not root, in a mount namespace with its own /etc/passwd, /etc/subuid and /etc/subgid: the
/// machine's stay as they are.
struct PlainUser {
    /// Its name, where it has an account.
    static let name = "enterer"

    var uid: UInt32 = 4321
    var hasAccount = true
    /// The lines of /etc/subuid and /etc/subgid.
    var subordinate = "enterer:200000:65536\n"
    /// Commands of root that change what the user finds, in the mount namespace.
    var preparation = ""
    /// Words of setpriv(1) that are said when it becomes the user.
    var wrapper: [String] = []
    /// The filter that a container runtime puts around it.
    var filter: SystemCallFilter?
    /// user.max_user_namespaces, in a user namespace around it.
    var namespaceLimit: Int?

    /// The script that runs `text` as this user; to be run as root with `$WORK`, a folder for all to write.
    func script(_ text: String) -> String {
        let account = hasAccount ? "\(Self.name):x:\(uid):\(uid)::/nonexistent:/bin/sh" : ""
        let start =
            (filter == nil ? [] : ["./filter"])
            + ["setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"] + wrapper + ["sh", "-euc", text]
        return """
            set -eu
            mkdir -p "$WORK/etc" "$WORK/home"
            chmod 755 "$WORK" "$WORK/etc"
            { echo \(Self.quoted(account)); awk -F: '$3 != \(uid) || $3 == 0' /etc/passwd; } >"$WORK/etc/passwd"
            printf %s \(Self.quoted(subordinate)) >"$WORK/etc/subuid"
            cp "$WORK/etc/subuid" "$WORK/etc/subgid"
            chown \(uid):\(uid) "$WORK/home"
            # Where it was built may be closed to others.
            mkdir "$WORK/bin"
            ln "$OCIBUILD" "$WORK/bin/ocibuild" 2>/dev/null || cp "$OCIBUILD" "$WORK/bin/ocibuild"
            export OCIBUILD="$WORK/bin/ocibuild" PATH="$WORK/bin:$PATH" HOME="$WORK/home"
            unset OCIBUILD_ROOT
            cd "$WORK"
            \(filter?.compilation(to: "filter") ?? "")
            exec unshare --mount --propagation private sh -euc \(Self.quoted("""
                for name in passwd subuid subgid; do mount --bind "$WORK/etc/$name" "/etc/$name"; done
                \(preparation)
                \(limited(start.map(Self.quoted).joined(separator: " ")))
                """))
            """
    }

    /// The command in a user namespace whose limit is its own.
    private func limited(_ command: String) -> String {
        guard let namespaceLimit else { return "exec " + command }
        return """
            unshare --user sleep 300 & keeper=$!
            until [ "$(readlink /proc/$keeper/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
            echo 0 0 4294967295 >/proc/$keeper/uid_map
            echo 0 0 4294967295 >/proc/$keeper/gid_map
            nsenter --user --target $keeper sh -euc \(Self.quoted("""
                echo \(namespaceLimit) >/proc/sys/user/max_user_namespaces
                exec \(command)
                """))
            kill $keeper
            """
    }

    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
