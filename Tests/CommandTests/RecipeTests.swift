import LinuxSystem
import OCIBuild
import OCISpec
import TestSupport
import Testing

@Suite("Recipes: what each promises holds where its conditions are made")
struct RecipeTests {
    /// Where a recipe runs, as far as one machine can be made like it.
    struct Place: Sendable, CustomTestStringConvertible {
        /// The file below Fixtures/recipes.
        let recipe: String
        let user: PlainUser
        var testDescription: String { recipe }
    }

    /// What Docker leaves to a container, of capabilities(7); a set-user-ID program gets no more either.
    private static let dockerCapabilities = [
        "--bounding-set",
        "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,"
            + "+mknod,+audit_write,+setfcap",
    ]

    /// What the recipes' Dockerfile does to newuidmap, of which a container's bounding set makes nothing otherwise.
    private static let imagePrograms = """
        mkdir "$WORK/upper" "$WORK/work"
        mount -t overlay -o "lowerdir=/usr/bin,upperdir=$WORK/upper,workdir=$WORK/work" programs /usr/bin
        chmod u-s /usr/bin/newuidmap /usr/bin/newgidmap
        setcap cap_setuid=ep /usr/bin/newuidmap
        setcap cap_setgid=ep /usr/bin/newgidmap
        """

    /// What runtimes cover of /proc.
    private static let covered = "mount --bind /dev/null /proc/interrupts"

    private static func places() throws -> [Place] {
        let profile = try SystemCallFilter.recipe()
        return [
            // What AppArmor would say is lifted by the recipe itself.
            Place(recipe: "github-actions.yml", user: PlainUser(uid: 1001)),
            Place(
                recipe: "gitlab-ci.yml",
                user: PlainUser(
                    uid: 0, hasAccount: false, subordinate: "", preparation: covered, wrapper: dockerCapabilities,
                    filter: .docker)),
            Place(
                recipe: "kubernetes.yaml",
                user: PlainUser(
                    uid: 1000, hasAccount: false, subordinate: "",
                    preparation: covered + """

                        mount --bind "$WORK" "$WORK"
                        mount -o remount,bind,ro /
                        """,
                    wrapper: ["--no-new-privs", "--bounding-set", "-all"], filter: profile)),
            Place(
                recipe: "docker.sh",
                user: PlainUser(
                    uid: 1000, subordinate: "enterer:1:999\nenterer:1001:64535\n", preparation: imagePrograms,
                    wrapper: dockerCapabilities, filter: profile)),
            Place(recipe: "Jenkinsfile", user: PlainUser(uid: 1003, subordinate: "")),
        ]
    }

    @Test("its build runs, in the sandbox that it names, and doctor says the same", arguments: try places())
    func holds(place: Place) async throws {
        let text = String(decoding: try FileSystem.readFile(Self.folder / Path(place.recipe)), as: UTF8.self)
        let promised = try #require(Self.word(after: "Sandbox: ", in: text))
        let command = try #require(Self.command(in: text))
        let registry = try RegistryProcess()
        let bench = try CommandBench()
        let base = "\(try await CommandBench.baseArchive.value)"
        let outcome = try await bench.script(
            place.user.script(
                """
                export IMAGE=\(registry.host)/app:1 OCIBUILD_INSECURE_REGISTRIES=\(registry.host)
                \(text.contains("OCIBUILD_ROOT") ? "export OCIBUILD_ROOT=\"$HOME/store\"" : "")
                ocibuild doctor --json >"$HOME/report"
                ocibuild import \(base) localhost/base:1
                mkdir "$HOME/context"; cd "$HOME/context"
                echo content >file
                printf '%s\\n' 'FROM localhost/base:1' 'COPY file /' 'RUN rm -r /root && mkdir /new' >Dockerfile
                \(command)
                ocibuild inspect --json "$IMAGE" >"$HOME/image"
                """))
        #expect(outcome.status == 0, "\(command): \(outcome)")
        #expect(outcome.error.contains("RUN uses the \"\(promised)\" sandbox") || promised == "root", "\(outcome)")
        let report = try CanonicalJSON.decode(
            DoctorReport.self, from: FileSystem.readFile(bench.folder.path / "home/report"))
        #expect(report.chosen == promised, "\(report)")
        let manifest = try await bench.script("curl -fsS http://\(registry.host)/v2/app/tags/list")
        #expect(manifest.output.contains("\"1\""), "it was pushed: \(manifest)")
    }

    @Test("under RuntimeDefault no user can RUN: said before, said when it happens, and the rest works")
    func runtimeDefault() async throws {
        let user = PlainUser(
            uid: 1000, hasAccount: false, subordinate: "", preparation: Self.covered,
            wrapper: ["--no-new-privs", "--bounding-set", "-all"], filter: .docker)
        let outcome = try await CommandBench().script(
            user.script(
                """
                ocibuild import \(try await CommandBench.baseArchive.value) localhost/base:1
                mkdir "$HOME/context"; cd "$HOME/context"
                echo content >file
                printf '%s\\n' 'FROM localhost/base:1' 'COPY --chown=33:33 file /' 'CMD ["sh"]' >Dockerfile
                ocibuild build -q .
                printf '%s\\n' 'FROM localhost/base:1' 'RUN true' >Dockerfile
                ocibuild build .
                """))
        #expect(outcome.status == 125, "\(outcome)")
        #expect(outcome.output.split(separator: "\n").count == 2, "\(outcome)")
        #expect(outcome.error.contains("no sandbox works"), "\(outcome)")
        #expect(outcome.error.contains("seccomp"), "\(outcome)")
    }

    @Test("a stronger sandbox than there is can be insisted on")
    func minimum() async throws {
        let user = PlainUser(subordinate: "")
        let outcome = try await CommandBench().script(
            user.script(
                """
                ocibuild import \(try await CommandBench.baseArchive.value) localhost/base:1
                printf '%s\\n' 'FROM localhost/base:1' 'RUN true' >"$HOME/Dockerfile"
                ocibuild build --min-isolation userns "$HOME"
                """))
        #expect(outcome.status == 125, "\(outcome)")
        #expect(outcome.error.contains("--min-isolation userns"), "\(outcome)")
        #expect(outcome.error.contains("no line for enterer in /etc/subuid and /etc/subgid"), "\(outcome)")
    }

    @Test("the image of the recipes is one that ocibuild builds")
    func image() async throws {
        let bench = try CommandBench()
        let plan = try await bench.succeed("plan", "-f", "\(Self.folder / "Dockerfile")", "\(Self.folder)")
        #expect(plan.contains("build:1001:64535") && plan.contains("uidmap"), "\(plan)")
    }

    static let folder = Path(
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/recipes")

    /// The command of a recipe's last step, as a shell is given it.
    private static func command(in text: String) -> String? {
        text.split(separator: "\n").compactMap { line -> String? in
            guard !line.contains("#"), !line.contains("//"), let start = line.firstRange(of: "ocibuild build ") else {
                return nil
            }
            let command = line[start.lowerBound...]
            return String(command.last == "'" ? command.dropLast() : command)
        }.last
    }

    private static func word(after label: String, in text: String) -> String? {
        text.firstRange(of: label).map { String(text[$0.upperBound...].prefix { $0.isLetter }) }
    }
}

extension SystemCallFilter {
    private struct Profile: Decodable {
        struct Rule: Decodable {
            let names: [String]
            let action: String
        }
        let defaultAction: String
        let syscalls: [Rule]
    }

    /// The profile of the recipes.
    static func recipe() throws -> SystemCallFilter {
        let profile = try CanonicalJSON.decode(
            Profile.self, from: FileSystem.readFile(RecipeTests.folder / "seccomp.json"))
        guard profile.defaultAction == "SCMP_ACT_ALLOW", profile.syscalls.allSatisfy({ $0.action == "SCMP_ACT_ERRNO" })
        else { throw CommandBench.Unusable(description: "seccomp.json has rules of other kinds now") }
        return SystemCallFilter(refused: profile.syscalls.flatMap(\.names))
    }
}
