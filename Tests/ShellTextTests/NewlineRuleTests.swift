import Testing

@testable import ShellText

/// What `run_command` does with line breaks, case by case.
@Suite struct NewlineRuleTests {
    private func auto(_ text: String) -> String { CommandText.normalized(text, rule: .auto) }

    /// Texts that `.auto` joins, and what becomes of them.
    static let joined: [(String, String)] = [
        ("a\n&& b", "a && b"), ("a\n|| b", "a || b"), ("a\n| b\n| c", "a | b | c"),
        // The comment of the line before would swallow the rest, and so would one between.
        ("a # why\n&& b # then", "a && b # then"), ("a\n# between\n&& b", "a && b"), ("a\n\n&& b", "a && b"),
        ("a \\\n  x # why\n&& b", "a \\\n  x && b"),
        ("(a; b)\n&& c", "(a; b) && c"), ("{ a; }\n|| c", "{ a; } || c"),
        ("if a; then b; fi\n&& c", "if a; then b; fi && c"),
        ("cat <<E >f\n&& x\nE\n&& rm y", "cat <<E >f && rm y\n&& x\nE"),
        ("cat <<E\na\nE\n| tr a <<F b\nf\nF\nc", "cat <<E | tr a <<F b\na\nE\nf\nF\nc"),
        ("pip3 install torch\n  --index-url U", "pip3 install torch --index-url U"),
        ("curl\n-fsSL\n-o f\nhttps://e", "curl -fsSL -o f\nhttps://e"),
        ("case $a in\n-x) pip install b\n--user;;\nesac", "case $a in\n-x) pip install b --user;;\nesac"),
        ("apt install -y\ngit\ncurl wget", "apt install -y git curl wget"),
        ("apt-get -o A=b install -t sid\ngit", "apt-get -o A=b install -t sid git"),
        (
            "DEBIAN_FRONTEND=x sudo -E apt-get install\ngit\n\nmake",
            "DEBIAN_FRONTEND=x sudo -E apt-get install git\n\nmake"
        ),
        ("apk add --no-cache --virtual .deps\ngcc\nmusl-dev", "apk add --no-cache --virtual .deps gcc musl-dev"),
        ("pip install\n# first\ntorch  # the big one\nnumpy", "pip install torch numpy"),
        ("pip install\n  torch\n  # then\n  numpy\npython x.py", "pip install torch numpy\npython x.py"),
        ("python3 -m pip install -U\npip\nwheel", "python3 -m pip install -U pip wheel"),
        ("uv pip install --system\ntorch", "uv pip install --system torch"),
        ("conda install -y -c conda-forge\nnumpy=1.26", "conda install -y -c conda-forge numpy=1.26"),
        ("pip install\n--no-cache-dir\ntorch\nnumpy", "pip install --no-cache-dir torch numpy"),
        ("pip install torch\n--index-url\nhttps://e/simple", "pip install torch --index-url https://e/simple"),
        ("apt install -y\ngit && make\nls", "apt install -y git && make\nls"),
        ("apt install -y\ngit\n&& pip install\ntorch\nnumpy", "apt install -y git && pip install torch numpy"),
        ("apt install -y\ngit\nrm -rf /var/lib/apt/lists/*", "apt install -y git\nrm -rf /var/lib/apt/lists/*"),
        ("apt install -y\ngit\npip install torch", "apt install -y git\npip install torch"),
        ("pip install\n'a>=1'\n\"b<2\"", "pip install 'a>=1' \"b<2\""),
        ("pip install\na>=1\nb", "pip install a>=1 b"),
        ("pip install\nhttps://e/a.whl\ngit+https://e/b", "pip install https://e/a.whl git+https://e/b"),
    ]

    @Test(arguments: joined) func joins(text: String, wanted: String) {
        #expect(auto(text) == wanted)
        // What was joined stays as it is.
        #expect(auto(wanted) == wanted)
    }

    /// Texts that a shell runs as they are, or that fail in a way that no line break explains.
    static let untouched = [
        "a &&\nb", "a\nb", "a\n\nb", "a |\nb ||\nc", "if a\nthen b\nfi", "echo 'a\n&& b'", "echo \"a\n| b\n-c\"",
        "cat <<EOF\n&& a\n-b\nEOF", "cat <<-'E F'\n\t| a\n\tE F\nb", "cat <<A <<B\n&& 1\nA\n-2\nB",
        "case $1 in\n-a) x;;\n-b|--bb)\n y\n;;\n(-c) z\nesac",
        "case $1 in\n-a) case $2 in\n-z) :;;\nesac;;\n-b) :\nesac",
        "x=$(a\n| b)", "x=`a\n| b`", "x=$(case y in\n-a) b;; esac)", "[[ a\n&& b ]]", "(( a\n- b ))", "x=$(( 1\n- 2 ))",
        "args=(\n-a\n-b\n)\nc", "a=(x # )\n-y)", "for i in a b\ndo\n:\ndone", "a \\\n&& b", "a \\\n-b \\\nc",
        "echo it's", "echo \"a", "a $(b", "a `b", "a && ${b", "((a)", "pip install -r requirements.txt\nls",
        "pip install torch\nnumpy", "apt-get update\napt-get install -y git\nmake", "npm install\nnpm run build",
        "bundle install\nmake", "yarn install\nbuild", "make install\nldconfig", "apt-get install -f\nmake",
        "apt-get -yf install\nmake", "apt-get install -y\ncurl -fsSL https://e/x | sh", "pip install -e .\npytest",
        "conda install --file env.txt\nls", "apt list\ngit", "pip install\n\ntorch", "pip install;\ntorch",
        "pip install\nif a; then b; fi", "pip install\ncd /x", "pip install &&\ntorch", "poetry install\npytest",
        "a\n&\nb", "then\n-a", "a;\n-b", "a\n;; b", "foo() {\n-x\n}", "{\n-a\n}", "a &\n-b", "a ||\n-b", "!\n-b",
        "cat <<< a\nb", "cat < <(a\n| b)\nc", "echo ${a:-\n-b}", "echo $'it\\'s\n-x'", "echo \\#\n", "a#b\nc",
        "echo $#\nb", "echo \"$(echo \"a\n-b\")\"", "time\n-p a", "function f {\ncase x in -a) ;; esac\n}",
        "f() { case x in\n-a) ;; esac; }", "while a; do\nb\ndone", "foo \\",
    ]

    @Test(arguments: untouched) func leavesAlone(text: String) {
        let wanted = text.hasSuffix("\n") ? String(text.dropLast()) : text
        #expect(auto(text) == wanted)
    }

    @Test func indentation() {
        #expect(auto("\n    a &&\n      b\n    ") == "a &&\n  b")
        #expect(auto("\n\ta\n\tb\n") == "a\nb")
        // Tabs and spaces have nothing in common.
        #expect(auto("\ta\n    b") == "\ta\n    b")
        #expect(auto("a\n    b") == "a\n    b")
        #expect(auto("\n    cat >f <<EOF\n    x\n\n      y\n    EOF\n") == "cat >f <<EOF\nx\n\n  y\nEOF")
        #expect(
            auto("\n    python -c \"\n    import a\n    if a:\n        b\n    \"\n")
                == "python -c \"\nimport a\nif a:\n    b\n\"")
        #expect(auto("  \n  a\n \n  b\n  \n") == "a\n\nb")
        #expect(auto("") == "")
        #expect(auto(" \n\t\n") == "")
        // Blank lines that are content stay.
        #expect(auto("echo 'a\n\n'\n\n") == "echo 'a\n\n'")
        #expect(auto("cat <<E\n\n\nE\n\n") == "cat <<E\n\n\nE")
        #expect(auto("a \\\n\n\n") == "a \\\n")
        #expect(auto("a é\r\n&& b") == "a é\r && b")
    }

    @Test func textsForOtherInterpreters() {
        for name in ["/usr/bin/python3", "/usr/bin/env python3", "/usr/bin/env -S A=b perl -w"] {
            let text = "#!\(name)\nx = (1\n- 2)\n  | y"
            #expect(auto("\n    " + text.replacing("\n", with: "\n    ") + "\n") == text)
            #expect(CommandText.normalized(text, rule: .folded) == text)
        }
        for name in ["/bin/sh", "/bin/bash -e", "/usr/bin/env bash", ""] {
            #expect(auto("#!\(name)\na\n&& b") == "#!\(name)\na && b")
        }
    }

    @Test func theOtherRules() {
        let text = "\n    a\n    && b\n"
        #expect(CommandText.normalized(text, rule: .literal) == text)
        #expect(CommandText.normalized(text, rule: .folded) == "a && b")
        func folded(_ text: String) -> String { CommandText.normalized(text, rule: .folded) }
        #expect(folded("a\n  b  # why\n# or\nc\n\nd\ne") == "a b c\nd e")
        #expect(folded("a 'x\ny'\nb $(c\nd)") == "a 'x\ny' b $(c\nd)")
        #expect(folded("cat <<E\n1\nE\nb\nc") == "cat <<E\n1\nE\nb c")
        #expect(folded("a \\\nb") == "a \\\nb")
        #expect(folded("a 'b") == "a 'b")
        #expect(CommandText.script("\n    a\n      b\n") == "set -e\na\n  b")
    }

    /// Hostile nesting and length end in an answer.
    @Test func hostileTexts() {
        let deep = String(repeating: "$(", count: 100_000)
        #expect(auto(deep) == deep)
        let braces = String(repeating: "${a:-", count: 100_000)
        #expect(auto(braces) == braces)
        let arithmetic = String(repeating: "$((", count: 20_000)
        #expect(auto(arithmetic) == arithmetic)
        let quotes = String(repeating: "\"$(", count: 100_000)
        #expect(auto(quotes) == quotes)
        let long = String(repeating: "a\n&& ", count: 5_000) + "b"
        #expect(auto(long) == String(repeating: "a && ", count: 5_000) + "b")
        let documents = String(repeating: "cat <<E\n", count: 10_000)
        #expect(auto(documents).utf8.count <= documents.utf8.count)
    }
}
