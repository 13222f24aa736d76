import LinuxSystem
import Testing

@Suite("A store on a file system that takes no overlay")
struct CopiedTreeEndToEndTests {
    /// Deletions in the middle, owners, links, and a folder that is replaced: what a copy has to compare for.
    private static let definition = """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        RUN mkdir -p /a/b /c /tmp; touch /a/b/x /c/d /e; ln -s b /a/l; chown -h 5:6 /a/l; chown -R 33:33 /a/b
        RUN rm -r /a/b /e; mkdir /a/b; touch /a/b/y; chmod 4711 /c/d
        RUN --mount=type=cache,target=/cache --mount=type=bind,target=/m test -f /m/busybox && touch /cache/x /a/z
        RUN stat -c '%u:%g %a' /a/l /c/d >/seen; rm /c/d
        """

    @Test("gives the same image on every rung, and says why it copies", .timeLimit(.minutes(10)))
    func images() async throws {
        try #require(FileSystem.exists("/bin/busybox"), "needs the Debian package busybox-static")
        let bench = try CommandBench()
        let outcome = try await bench.script(
            """
            set -eu
            chmod 755 "$WORK"; cd "$WORK"
            mkdir context lower upper work store
            cp /bin/busybox context/
            cat >context/Dockerfile <<'END'
            \(Self.definition)
            END
            unshare --mount sh -eu -c '
                mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none store
                mkdir store/root store/single store/chroot; chown 54321:54321 store/single
                build() { "$@" --source-date-epoch 1000000000 --progress plain context; }
                user="setpriv --reuid 54321 --regid 54321 --clear-groups"
                build "$OCIBUILD" build --root store/root 2>err-root
                build $user env HOME=/nonexistent "$OCIBUILD" build --root store/single 2>err-single
                build "$OCIBUILD" build --isolation chroot --root store/chroot 2>err-chroot
            '
            grep -h "^RUN uses" err-root err-single err-chroot
            """)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n")
        let images = lines.filter { $0.hasPrefix("sha256:") }
        #expect(images.count == 3 && Set(images).count == 1, "\(outcome)")
        let choices = lines.filter { $0.hasPrefix("RUN uses") }
        #expect(choices.count == 3, "\(outcome)")
        for (choice, rung) in zip(choices, ["root", "single", "chroot"]) { #expect(choice.contains("\"\(rung)\"")) }
        #expect(choices.prefix(2).allSatisfy { $0.contains("overlay is refused on the store's file system (overlay)") })
    }
}
