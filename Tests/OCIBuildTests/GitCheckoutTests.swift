import LinuxSystem
import Testing

@testable import OCIBuild

@Suite("The time of a checkout's commit")
struct GitCheckoutTests {
    let scratch: TemporaryDirectory
    /// Nothing of whoever runs the tests.
    let environment: [String: String]

    init() throws {
        scratch = try TemporaryDirectory()
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": scratch.path.description, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A > B", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "C D",
            "GIT_COMMITTER_EMAIL": "c@example.org", "GIT_AUTHOR_DATE": "1111111111 +0100",
            "GIT_COMMITTER_DATE": "1234567890 -0330",
        ]
    }

    private func shell(_ text: String) throws {
        let outcome = try ChildProcess.run(
            ["sh", "-ec", "cd \(scratch.path)\n\(text)"], environment: environment, timeoutSeconds: 60)
        try #require(
            outcome.status == 0,
            "git is needed (apt-get install git): \(String(decoding: outcome.error, as: UTF8.self))")
    }

    private static let committed = """
        git init -q -b main repo; cd repo; mkdir -p sub/deep; echo 1 >sub/deep/file; git add .; git commit -qm one
        """

    @Test(
        "is read without git where the repository is as usual",
        arguments: [
            ("loose", "repo/sub/deep", ""), ("top", "repo", ""),
            ("packed", "repo", "git gc -q; test -z \"$(find .git/objects -type f -path '*/??/*')\""),
            ("packed references", "repo", "git pack-refs --all; test ! -e .git/refs/heads/main"),
            ("detached", "repo", "git checkout -q --detach; git commit -q --allow-empty -m two"),
            (
                "many commits in a pack", "repo",
                "for i in $(seq 60); do echo $i >f$i; git add .; git commit -qm $i; done; git gc -q"
            ),
            ("worktree", "tree/sub", "git worktree add -q ../tree -b other"),
            ("branch in a folder", "repo", "git checkout -q -b a/b/c; git pack-refs --all"),
        ])
    func plain(name: String, folder: String, change: String) throws {
        try shell("\(Self.committed)\n\(change)")
        let checkout = try #require(GitCheckout(above: scratch.path / Path(folder), environment: environment))
        #expect(checkout.commitTime() == 1_234_567_890)
    }

    @Test(
        "is what git says where it is not",
        arguments: [
            (
                "replaced",
                "GIT_COMMITTER_DATE='1000000077 +0000' git commit -q --allow-empty -m x; git replace HEAD~1 HEAD; git reset -q --hard HEAD~1"
            ),
            ("borrowed objects", "cd ..; git clone -q -s repo b; rm -rf x; mv repo x; mv b repo; mkdir -p repo/sub"),
            (
                "SHA-256",
                "cd ..; rm -rf repo; git init -q --object-format=sha256 -b main repo; cd repo; git commit -q --allow-empty -m x"
            ),
            ("no commit", "rm -rf .git; git init -q"),
            ("not a repository", "rm -rf .git; mkdir .git"),
            ("a link to nowhere", "rm -rf .git; echo 'gitdir: /nonexistent' >.git"),
            (
                "odd reference",
                "git symbolic-ref HEAD refs/remotes/x/y; git update-ref refs/remotes/x/y $(git rev-parse main)"
            ),
            ("truncated object", "f=$(find .git/objects -type f -path '*/??/*' | head -n 1); chmod +w $f; : >$f"),
        ])
    func unusual(name: String, change: String) throws {
        try shell("\(Self.committed)\n\(change)")
        let folder = scratch.path / "repo"
        let asked = try ChildProcess.run(
            ["git", "-C", folder.description, "rev-list", "--max-count=1", "--timestamp", "HEAD"],
            environment: environment, timeoutSeconds: 60)
        let text = String(decoding: asked.output.prefix { $0 != 0x20 }, as: UTF8.self)
        let expected = asked.status == 0 ? Int64(text) : nil
        let found = try ContextFolder(folder.description).commitTime(environment)
        #expect(found == expected, "\(name)")
    }

    @Test("is not waited for where a FIFO has the name of an object or of a pack", arguments: ["idx", "pack", "loose"])
    func fifos(_ name: String) throws {
        let change =
            name == "loose"
            ? "f=$(git rev-parse HEAD | sed 's,^..,.git/objects/&/,'); rm -f $f; mkfifo $f"
            : "git gc -q; f=$(ls .git/objects/pack/*.\(name)); rm -f $f; mkfifo $f"
        try shell("\(Self.committed)\n\(change)")
        let checkout = try #require(GitCheckout(above: scratch.path / "repo", environment: environment))
        #expect(checkout.commitTime() == nil)
    }

    @Test("is asked of git where variables lead it elsewhere, and of nobody outside a checkout")
    func elsewhere() throws {
        try shell(Self.committed)
        let folder = scratch.path / "repo"
        let led = try #require(GitCheckout(above: folder, environment: ["GIT_DIR": "/elsewhere"]))
        #expect(led.commitTime() == nil)
        #expect(GitCheckout(above: "/proc", environment: [:]) == nil)
    }
}
