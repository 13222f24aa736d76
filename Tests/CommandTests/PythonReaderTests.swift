import LinuxSystem
import Testing

@testable import ocibuild

@Suite("The command: what Python files define")
struct PythonReaderTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory(prefix: "python-") }

    private func write(_ name: String, _ text: String) throws {
        let path = folder.path / Path(name)
        if let parent = path.parent { try FileSystem.makeDirectories(parent) }
        try FileSystem.writeFile(path, Array(text.utf8))
    }

    private func plan(
        _ attribute: String = ":image", of file: String = "image.py", timeout: Int = 60,
        environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async throws -> String {
        let definition = try #require(PythonDefinition(Word("\(folder.path)/\(file)\(attribute)")))
        let reader = PythonReader(console: Console(environment: environment), isQuiet: true, timeout: timeout)
        return String(decoding: try await reader.plan(of: definition), as: UTF8.self)
    }

    /// The complaint about a definition, the folder's path left out.
    private func complaint(
        _ attribute: String = ":image", of file: String = "image.py", timeout: Int = 60,
        environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async -> String {
        do {
            return "a plan: " + (try await plan(attribute, of: file, timeout: timeout, environment: environment))
        } catch {
            return "\(error)".split(separator: "\(folder.path)/", omittingEmptySubsequences: false).joined()
        }
    }

    private static let image = """
        from chutes.image import Image
        image = Image("myuser", "app").from_base("base").run_command("true")

        """

    @Test func words() throws {
        #expect(PythonDefinition(Word("a/image.py"))?.attribute == "")
        let file = try #require(PythonDefinition(Word("a/my.image.py:prod.image")))
        #expect(file.file == "a/my.image.py" && file.module == "my_image" && file.root == "a")
        #expect(file.attribute == "prod.image")
        let module = try #require(PythonDefinition(Word("pkg.my_chute:chute")))
        #expect(module.file == "pkg/my_chute.py" && module.module == "pkg.my_chute" && module.root == ".")
        #expect(PythonDefinition(Word("my_chute:chute"))?.file == "my_chute.py")
        for other in [".", "folder", "a/b", "host:5000/x", "my_chute:", ":chute", "a:1", "http://x/y.tar", "-"] {
            #expect(PythonDefinition(Word(other)) == nil, "\(other)")
        }
    }

    @Test func theImageThatIsMeant() async throws {
        try write("image.py", Self.image)
        let plan = try await plan()
        #expect(plan.contains("\"username\": \"myuser\"") && plan.contains("\"line\": 2"))
        #expect(try await self.plan("") == plan)
        try write(
            "my_chute.py",
            Self.image + """
                from chutes.chute import Chute, NodeSelector
                chute = Chute(username="myuser", name="app", image=image, node_selector=NodeSelector(gpu_count=1))
                @chute.on_startup()
                async def load(self): self.model = 1
                @chute.cord(public_api_path="/run", method="POST")
                async def run(self, text: str) -> str: return text
                @chute.job(timeout=3)
                def work(self): pass
                @chute.get("/x")
                def anything(): pass
                def create(tag="2") -> Image: return image.renamed(tag=tag)

                """)
        #expect(try await self.plan(":chute", of: "my_chute.py").contains("\"tag\": \"latest\""))
        #expect(try await self.plan(":create", of: "my_chute.py").contains("\"tag\": \"2\""))
        #expect(
            await complaint("", of: "my_chute.py")
                == """
                my_chute.py defines several images
                  say which: my_chute.py:image, my_chute.py:chute, my_chute.py:create
                """)
    }

    @Test func importsOfTheFilesOwn() async throws {
        // Names that the reader itself needs, and one that it must not take from here.
        try write("json.py", "raise Exception('not this one')\n")
        try write("chutes.py", "raise Exception('not this one')\n")
        try write("settings.py", "base = 'base:7'\n")
        try write(
            "image.py",
            "from settings import base\nfrom chutes.image import Image\nimage = Image('a', 'b').from_base(base)")
        #expect(try await plan().contains("base:7"))
        #expect(!FileSystem.exists(folder.path / "__pycache__"))
    }

    @Test func namesThatAreNotImages() async throws {
        try write(
            "image.py",
            Self.image + """
                from chutes.chute import Chute
                ready = "nvidia/cuda:12.2-devel-ubuntu22.04"
                chute = Chute(username="myuser", name="my-chute", image=ready)
                numbers = [1]
                def two(a, b=1): return image
                def nothing(): pass

                """)
        let choices = "image.py:image, image.py:chute"
        let expected = [
            ":imaeg": "image.py has no attribute 'imaeg'; did you mean 'image'?\n  its images: \(choices)",
            ":image.nothing": "image.py has no attribute 'nothing'\n  its images: \(choices)",
            ":ready": """
            image.py:ready is the ready-made image 'nvidia/cuda:12.2-devel-ubuntu22.04': there is nothing to build
              ocibuild pull nvidia/cuda:12.2-devel-ubuntu22.04
            """,
            ":chute": """
            the image of image.py:chute is the ready-made image 'nvidia/cuda:12.2-devel-ubuntu22.04': there is \
            nothing to build
              ocibuild pull nvidia/cuda:12.2-devel-ubuntu22.04
            """,
            ":numbers": "image.py:numbers is a list, not an Image or a Chute\n  its images: \(choices)",
            ":Image": "image.py:Image is the class Image, not an Image or a Chute\n  its images: \(choices)",
            ":two": """
            image.py:two is a function that needs arguments: a
              assign what it returns to a variable of the file, and name that: image = two(…)
            """,
            ":nothing": "image.py:nothing() returns None, not an Image\n  it must return an Image or a Chute",
        ]
        for (attribute, text) in expected {
            let found = await complaint(attribute)
            #expect(found == text)
        }
        try write("image.py", "x = 1\n")
        #expect(
            await complaint("")
                == "image.py defines no image\n  assign an Image or a Chute to a variable of the file")
    }

    @Test func filesThatDoNotWork() async throws {
        let python = "/usr/bin/python3"
        let expected = [
            "raise KeyError('x')": "image.py raised KeyError",
            "def (": "image.py is not valid Python\n  this is Python ",
            "import sys; sys.exit(3)": """
            image.py ended the program (sys.exit(3)) before its image was known
              put what ends it under: if __name__ == "__main__":
            """,
            "import os; os._exit(4)": "Python ended with status 4 before the image of image.py:image was known",
            "import os; os.kill(os.getpid(), 9)":
                "Python was ended by signal 9 before the image of image.py:image was known",
            "name = input('Name: ')": """
            image.py raised EOFError
              a definition cannot ask: it has no standard input; take settings from environment variables \
            (os.environ)
            """,
            "import yaml_missing": """
            image.py raised ModuleNotFoundError
              the definition runs with \(python): install the module there (\(python) -m pip install \
            yaml_missing), or let OCIBUILD_PYTHON name a Python that has it
            """,
            "import chutes.envdump": """
            image.py raised ModuleNotFoundError
              the bundled package has chutes.image and chutes.chute (Chute, NodeSelector), but not chutes.envdump
            """,
            "from chutes.image import Image\nImage('My', 'x')": "image.py raised ImageError",
        ]
        for (text, complaint) in expected {
            try write("image.py", text + "\n")
            let found = await self.complaint(environment: ["PATH": "/usr/bin:/bin", "OCIBUILD_PYTHON": python])
            #expect(found.hasPrefix(complaint), "\(text): \(found)")
        }
    }

    @Test func filesThatNeverEnd() async throws {
        try write("image.py", "import subprocess\nsubprocess.Popen(['sleep', '1000'])\nwhile True: pass\n")
        #expect(
            await complaint(timeout: 1).contains(
                "image.py:image did not end within 1 seconds, so it was stopped: a definition describes an image"))
        try write(
            "image.py",
            Self.image + "import threading, time\nthreading.Thread(target=time.sleep, args=[1000]).start()\n")
        #expect(try await plan().contains("myuser"), "threads that go on do not count")
        try write("image.py", "while True: pass\n")
        let task = Task { try await plan() }
        try await Task.sleep(for: .milliseconds(300))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func filesThatAreNotThere() async throws {
        try write("image.py", Self.image)
        #expect(
            await complaint(of: "imag.py").hasSuffix(
                "a Python definition is FILE.py:NAME or MODULE:NAME. Did you mean \"image.py\"?"))
        try FileSystem.makeDirectory(folder.path / "folder.py")
        #expect(await complaint(of: "folder.py") == "\"folder.py\" is a folder, not a Python file")
    }

    @Test func noPython() async throws {
        try write("image.py", Self.image)
        #expect(
            await complaint(environment: ["PATH": "\(folder.path)"]) == """
                a definition in Python needs Python 3.9 or newer, and there is no python3 on the PATH: install it \
                (Debian, Ubuntu: apt-get install python3), or let OCIBUILD_PYTHON name one
                """)
        #expect(
            await complaint(environment: ["OCIBUILD_PYTHON": "/no/python"])
                == "OCIBUILD_PYTHON names \"/no/python\", which cannot be run: No such file or directory")
    }
}
