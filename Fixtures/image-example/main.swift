import OCIBuild

// image-example BASE FOLDER NAME: builds an image as a value, pushes it, and prints the Dockerfile it stands for.
let words = CommandLine.arguments
let name = try Reference(parsing: words[3])

let tools = try Image(username: "myuser", name: "tools").fromBase(words[1])
    .runCommand(
        """
        mkdir -p /out
        echo built > /out/version
        """)

let image = try Image(username: "myuser", name: "service", tag: "1.0").fromBase(words[1])
    .setWorkdir("/app")
    .add(from: tools, "/out/", "./")
    .add("file", "./")
    .withEnv("PRICE", "$5")
    .withCmd(["cat", "version", "file"])

let builder = try Builder()
let built = try await builder.build(.image(image), context: words[2], options: BuildOptions(tags: [name]))
try await builder.push(name)

print(try image.dockerfile)
print(built.digest)
