import LinuxSystem
import OCIRegistry
import Testing

@Suite("Credential files")
struct DockerConfigTests {
    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory(prefix: "credentials-") }

    private func config(_ extra: [String: String] = [:], authFile: String? = nil) -> DockerConfig {
        let own = ["HOME": home.path.description, "PATH": "\(home.path)/bin:/usr/bin:/bin"]
        return DockerConfig(authFile: authFile, environment: own.merging(extra) { $1 })
    }

    private func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws {
        let path = home.path / Path(name)
        if let folder = path.parent { try FileSystem.makeDirectories(folder) }
        try FileSystem.writeFile(path, Array(text.utf8), mode: mode)
    }

    private func read(_ name: String) throws -> String {
        String(decoding: try FileSystem.readFile(home.path / Path(name)), as: UTF8.self)
    }

    @Test("Docker Hub under each of its names")
    func hub() throws {
        for key in ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/"] {
            try write(".docker/config.json", #"{"auths":{"\#(key)":{"auth":"dXNlcjpwYTpzcw=="}}}"#)
            let found = try config().credential(for: "docker.io", repository: "library/a")
            #expect(found == .basic(username: "user", password: "pa:ss"), "\(key)")
        }
        #expect(try config().credential(for: "ghcr.io", repository: nil) == nil)
    }

    @Test("The longest path wins")
    func paths() throws {
        try write(
            ".config/containers/auth.json",
            """
            {"auths":{"r.io":{"auth":"YTph"},"r.io/team":{"auth":"Yjpi"},"r.io/team/app":{"auth":"Yzpj"}}}
            """)
        func user(_ repository: String?) throws -> String? {
            guard case .basic(let name, _) = try config().credential(for: "r.io", repository: repository) else {
                return nil
            }
            return name
        }
        #expect(try user("team/app") == "c")
        #expect(try user("team/app/sub") == "c")
        #expect(try user("team/application") == "b")
        #expect(try user("other") == "a")
        #expect(try user(nil) == "a")
    }

    @Test("Files in order; a named one stands alone")
    func order() throws {
        try write(".docker/config.json", #"{"auths":{"r.io":{"auth":"ZDpk"}}}"#)
        try write("named.json", #"{"auths":{"r.io":{"identitytoken":"token"}}}"#)
        try write("run/containers/auth.json", #"{"auths":{"r.io":{"auth":"cjpy"}}}"#)
        let named = "\(home.path)/named.json"
        #expect(try config().credential(for: "r.io", repository: nil) == .basic(username: "d", password: "d"))
        let runtime = config(["XDG_RUNTIME_DIR": "\(home.path)/run"])
        #expect(try runtime.credential(for: "r.io", repository: nil) == .basic(username: "r", password: "r"))
        #expect(
            try config(["REGISTRY_AUTH_FILE": named]).credential(for: "r.io", repository: nil)
                == .identityToken("token"))
        #expect(try config(authFile: named).credential(for: "other.io", repository: nil) == nil)
        let text = #"{"auths":{"r.io":{"registrytoken":"text"}}}"#
        #expect(
            try config(["DOCKER_AUTH_CONFIG": text]).credential(for: "r.io", repository: nil) == .registryToken("text"))
        #expect(throws: RegistryError.self) {
            try config(authFile: "/nonexistent").credential(for: "r.io", repository: nil)
        }
    }

    @Test("Broken files are named, without their secrets")
    func broken() throws {
        for text in ["{", "[]", #"{"auths":{"r.io":{"auth":"bm9jb2xvbg=="}}}"#] {
            try write(".docker/config.json", text)
            let error = #expect(throws: RegistryError.self) {
                try config().credential(for: "r.io", repository: nil)
            }
            #expect(error?.subject.hasSuffix("config.json") == true)
            #expect(error?.description.contains("nocolon") == false)
        }
    }

    @Test("A helper is asked over its standard input, and told nothing in its arguments")
    func helper() throws {
        try write(
            "bin/docker-credential-test",
            """
            #!/bin/sh
            read -r server
            echo "$# $1 $server" >> "$(dirname "$0")/log"
            case "$server" in
            https://index.docker.io/v1/) echo '{"ServerURL":"x","Username":"hub","Secret":"s1"}' ;;
            token.io) echo '{"ServerURL":"x","Username":"<token>","Secret":"s2"}' ;;
            *) echo "credentials not found in native keychain"; exit 1 ;;
            esac
            """, mode: 0o755)
        try write(".docker/config.json", #"{"credsStore":"test","auths":{"docker.io":{}}}"#)
        #expect(try config().credential(for: "docker.io", repository: nil) == .basic(username: "hub", password: "s1"))
        #expect(try config().credential(for: "token.io", repository: nil) == .identityToken("s2"))
        #expect(try config().credential(for: "other.io", repository: nil) == nil)
        #expect(try read("bin/log").hasPrefix("1 get https://index.docker.io/v1/\n"))
        #expect(throws: RegistryError.self) { try config().credential(for: "a\nb", repository: nil) }
    }

    @Test("A helper named by nothing for a host leaves it to the file")
    func helperSwitchedOff() throws {
        try write(".docker/config.json", #"{"credsStore":"absent","credHelpers":{"r.io":""}}"#)
        try config().store(.basic(username: "u", password: "p"), registry: "r.io")
        #expect(try config().credential(for: "r.io", repository: nil) == .basic(username: "u", password: "p"))
        #expect(try read(".docker/config.json").contains("\"auth\""))
    }

    @Test("A helper's name can only be a name", arguments: ["../evil", "a b", "", "-x", "a;b"])
    func helperNames(name: String) throws {
        try write(".docker/config.json", #"{"credHelpers":{"r.io":"\#(name)"}}"#)
        if name.isEmpty {
            #expect(try config().credential(for: "r.io", repository: nil) == nil)
        } else {
            #expect(throws: RegistryError.self) { try config().credential(for: "r.io", repository: nil) }
        }
    }

    @Test("A common helper that is not installed does not stand in the way; one for this host does")
    func missingHelper() throws {
        try write(".docker/config.json", #"{"credsStore":"desktop"}"#)
        #expect(try config().credential(for: "r.io", repository: nil) == nil)
        try write(".docker/config.json", #"{"credHelpers":{"r.io":"absent"}}"#)
        #expect(throws: RegistryError.self) { try config().credential(for: "r.io", repository: nil) }
    }

    @Test("Login and logout change one entry and keep the rest")
    func storeAndRemove() throws {
        try write(
            ".docker/config.json",
            #"{"HttpHeaders":{"X":"y"},"n":12345678901234,"auths":{"https://index.docker.io/v1/":{"auth":"YTph"},"r.io":{"auth":"Yjpi"}}}"#,
            mode: 0o644)
        try config().store(.basic(username: "new", password: "p:1"), registry: "docker.io")
        #expect(try config().credential(for: "docker.io", repository: nil) == .basic(username: "new", password: "p:1"))
        #expect(try config().credential(for: "r.io", repository: nil) == .basic(username: "b", password: "b"))
        let text = try read(".docker/config.json")
        #expect(text.contains("HttpHeaders"))
        #expect(text.contains("12345678901234"))
        #expect(text.components(of: "auth\"") == 2)
        #expect(try FileSystem.status(home.path / ".docker/config.json").mode == 0o600)
        #expect(try config().remove(registry: "docker.io").count == 1)
        #expect(try config().credential(for: "docker.io", repository: nil) == nil)
        #expect(try config().remove(registry: "docker.io") == [])
        #expect(try config().credential(for: "r.io", repository: nil) != nil)
    }

    @Test("The first login makes the file")
    func firstLogin() throws {
        let place = try config().store(.basic(username: "u", password: "p"), registry: "r.io:5000")
        #expect(place.hasSuffix("/.docker/config.json"))
        #expect(try config().credential(for: "r.io:5000", repository: "x") == .basic(username: "u", password: "p"))
        #expect(try FileSystem.status(home.path / ".docker/config.json").mode == 0o600)
    }

    @Test("A credential never shows its secret")
    func description() {
        #expect("\(Credential.basic(username: "u", password: "secret"))" == "password of u")
        #expect(String(reflecting: Credential.identityToken("secret")) == "identity token")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
