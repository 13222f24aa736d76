import Testing

@testable import ShellText

/// Each lint finds what it is there for, and is silent about what only looks like it.
@Suite struct CommandLintTests {
    private typealias Code = CommandFinding.Code

    private func codes(_ text: String, _ context: CommandContext = CommandContext()) -> [Code] {
        CommandLint.findings(in: text, context: context).map(\.code)
    }

    private func suggestion(_ text: String, _ context: CommandContext = CommandContext()) -> String? {
        CommandLint.findings(in: text, context: context).first?.suggestion
    }

    @Test func versionsThatTheShellRedirects() {
        #expect(
            suggestion("pip install torch==2.1.0 transformers>=4.21.0")
                == "write: pip install torch==2.1.0 'transformers>=4.21.0'")
        #expect(suggestion("pip install a>=1,<2 b[x]>=3.0 c<4") == "write: pip install 'a>=1,<2' 'b[x]>=3.0' 'c<4'")
        #expect(suggestion("conda install -y python>=3.9") == "write: conda install -y 'python>=3.9'")
        #expect(suggestion("uv pip install a>=1 && echo b >c") == "write: uv pip install 'a>=1' && echo b >c")
        #expect(
            suggestion("python3 -m pip install \\\n  a>=1 \\\n  b")
                == "write: python3 -m pip install \\\n  'a>=1' \\\n  b")
        #expect(suggestion("pip install numpy <2") == "write: pip install 'numpy<2'")
        #expect(suggestion("pip install a>=$V") == nil)
        #expect(suggestion("apk add 'a>1' b>2") == "write: apk add 'a>1' 'b>2'")
        #expect(codes("pip install numpy >=1.0") == [.unquotedVersion])
    }

    @Test(arguments: [
        "pip install 'a>=1' \"b<2\"", "pip install a\\>=1", "pip install a >log", "pip install a > log.txt 2>&1",
        "pip install a>/dev/null", "pip install a 2>/dev/null", "pip install a >3.log", "echo a>=1",
        "pip list >=1", "apt-get install -y a >3", "pip install a==1 b~=2 c!=3", "pip freeze >1.txt",
        "cat <<E | pip install -r /dev/stdin\na>=1\nE", "python -c 'a>=1'",
    ]) func redirectionsThatAreMeant(text: String) {
        #expect(codes(text) == [])
    }

    @Test func whatOnlyRootMayDo() {
        let user = CommandContext(user: "1000:1000")
        for text in [
            "apt autoremove -y && apt clean", "apt-get update", "apk add git", "dnf install -y git",
            "rm -rf /var/lib/apt/lists/*",
            "DEBIAN_FRONTEND=noninteractive apt-get install -y git", "cd /x && /usr/bin/apt-get -y -q upgrade",
            "rm -rf /tmp/* /usr/share/doc",
        ] {
            #expect(codes(text, user) == [.needsRoot], "\(text)")
            for root in [nil, "root", "0", "0:0", "root:staff"] {
                #expect(codes(text, CommandContext(user: root)) == [], "\(text) as \(root ?? "")")
            }
        }
        #expect(suggestion("apt update", user)?.contains("user=\"root\"") ?? false)
        for text in [
            "apt list --installed", "apt-cache policy", "apt-get --help", "apt-get -s install git",
            "sudo apt-get install -y git",
            "rm -rf /tmp/* /var/tmp/* ~/.cache/pip", "rm -rf build", "rm -rf /app/cache", "echo apt-get update",
            "pip install --user torch", "rm -rf \"$HOME\"/x", "rm -rf /home/app/.cache", "apk info",
            "rm -rf /opt/app/tmp",
        ] {
            #expect(codes(text, user) == [], "\(text)")
        }
    }

    @Test func requirementsThatNothingAdded() {
        let text = "pip install -r requirements.txt"
        #expect(codes(text) == [.missingRequirements])
        #expect(
            suggestion(text, CommandContext(workdir: "/app"))
                == "add it first: add(\"requirements.txt\", \"/app/requirements.txt\")")
        #expect(
            codes("cd /x && pip install --requirement=r.txt", CommandContext(addedPaths: ["/r.txt"])) == [
                .missingRequirements
            ])
        #expect(codes("pip install -rr.txt") == [.missingRequirements])
        #expect(codes(text, CommandContext(workdir: "/app", addedPaths: ["/app/requirements.txt"])) == [])
        #expect(codes(text, CommandContext(workdir: "/app", addedPaths: ["/app"])) == [])
        #expect(codes(text, CommandContext(workdir: "/app", addedPaths: ["/app/"])) == [])
        #expect(codes(text, CommandContext(workdir: "/app", addedPaths: ["."])) == [])
        #expect(
            codes(text, CommandContext(workdir: "/app", addedPaths: ["/other", "/application"])) == [
                .missingRequirements
            ])
        #expect(codes("pip install -r ../r.txt", CommandContext(workdir: "/a/b", addedPaths: ["/a/r.txt"])) == [])
        #expect(
            codes("cd /srv/x; pip install -r r.txt", CommandContext(addedPaths: ["/srv/x/r.txt"])).contains(
                .missingRequirements) == false)
        for maker in [
            "git clone https://e/x /app", "curl -O https://e/requirements.txt", "cp /a/requirements.txt .",
            "echo torch > requirements.txt", "echo torch >/app/requirements.txt", "tar xf /x.tar", "sh setup.sh",
            "poetry export -o requirements.txt",
        ] {
            #expect(codes("\(maker) && \(text)") == [], "\(maker)")
            #expect(codes(text, CommandContext(earlierCommands: [maker])) == [], "\(maker)")
        }
        for text in [
            "pip install -r https://e/r.txt", "pip install -r \"$DIR/r.txt\"", "cd $X && pip install -r r.txt",
            "pip install torch",
            "cd && pip install -r r.txt", "pip install -r /dev/stdin",
        ] {
            #expect(codes(text) == [], "\(text)")
        }
        #expect(
            codes(text, CommandContext(earlierCommands: ["pip install -U pip", "apt-get update"])) == [
                .missingRequirements
            ])
    }

    @Test func failuresThatNobodyNotices() {
        for text in [
            "apt-get update\nmake", "cd /app\nmake", "if a; then b; fi\nc", "a | b\nc", "for i in 1 2; do a; done\nb",
        ] {
            for rule in [NewlineRule.literal, .auto] {
                #expect(codes(text, CommandContext(rule: rule)) == [.unnoticedFailure], "\(text)")
            }
        }
        for text in [
            "set -e\na\nb", "set -euo pipefail\na\nb", "set -o errexit\na\nb", "a &&\nb", "a \\\n  b", "a", "# why\na",
            "A=b\nc",
            "export A=b\nc", "a || exit 1\nb", "a || true\nb", "echo a\nb", "python -c '\na\nb\n'",
            "cat <<E >f\n1\n2\nE",
            "f() {\n a\n}\nf", "if a\nthen\n b\n c\nfi", "a | \\\n b", "a\n\n# end", "while a\ndo b\ndone",
        ] {
            #expect(codes(text, CommandContext(rule: .literal)) == [], "\(text)")
        }
        #expect(codes("a\nb", CommandContext(shell: ["/bin/bash", "-eo", "pipefail", "-c"])) == [])
        #expect(codes("a\nb", CommandContext(shell: ["/bin/bash", "-o", "pipefail", "-c"])) == [.unnoticedFailure])
        #expect(codes("a\nb", CommandContext(rule: .folded)) == [])
        #expect(codes(CommandText.script("a\nb"), CommandContext(rule: .literal)) == [])
    }

    @Test func torchOnAlpine() {
        let alpine = CommandContext(base: "python:3.11-alpine3.19")
        let seed = "pip install --no-cache-dir torch --index-url https://download.pytorch.org/whl/cpu"
        #expect(codes(seed, alpine) == [.torchOnAlpine])
        #expect(suggestion(seed, alpine) == "use a Debian base, such as python:3.11-slim")
        #expect(codes("pip install 'torch>=2' numpy", CommandContext(base: "alpine")) == [.torchOnAlpine])
        #expect(
            codes("uv pip install torchvision==0.1", CommandContext(base: "docker.io/library/alpine:3")) == [
                .torchOnAlpine
            ])
        #expect(codes(seed, CommandContext(base: "python:3.11-slim")) == [])
        for text in [
            "pip install numpy", "pip install torch-summary", "pip install torch -i https://mine.example/simple",
            "apk add py3-torch",
            "echo torch", "pip install pytorch-lightning",
        ] {
            #expect(codes(text, alpine) == [], "\(text)")
        }
    }

    @Test func whatCannotBeReadIsLeftToTheShell() {
        #expect(codes("pip install 'a>=1") == [])
        #expect(codes("") == [])
    }
}
