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
    /// Words before the command, as of setpriv(1): already the user.
    var wrapper: [String] = []

    /// The script that runs `text` as this user; to be run as root with `$WORK`, a folder for all to write.
    func script(_ text: String) -> String {
        let account = hasAccount ? "\(Self.name):x:\(uid):\(uid)::/nonexistent:/bin/sh" : ""
        let start =
            ["setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"] + wrapper + ["sh", "-c", text]
        return """
            set -eu
            mkdir -p "$WORK/etc" "$WORK/home"
            chmod 755 "$WORK" "$WORK/etc"
            { cat /etc/passwd; echo \(Self.quoted(account)); } >"$WORK/etc/passwd"
            printf %s \(Self.quoted(subordinate)) >"$WORK/etc/subuid"
            cp "$WORK/etc/subuid" "$WORK/etc/subgid"
            chown \(uid):\(uid) "$WORK/home"
            export HOME="$WORK/home"
            unset OCIBUILD_ROOT
            exec unshare --mount --propagation private sh -euc \(Self.quoted("""
                for name in passwd subuid subgid; do mount --bind "$WORK/etc/$name" "/etc/$name"; done
                \(preparation)
                exec \(start.map(Self.quoted).joined(separator: " "))
                """))
            """
    }

    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
