import OCIBuild

// library-example FOLDER NAME: builds the folder's Dockerfile, pushes the image, and says what it is.
let folder = CommandLine.arguments[1]
let name = try Reference(parsing: CommandLine.arguments[2])

let builder = try Builder()
let build = builder.start(
    .dockerfile(path: folder + "/Dockerfile"), context: folder, options: BuildOptions(tags: [name]))

for await event in build.events {
    switch event {
    case .planned(let steps): print("\(steps.count) steps")
    case .stepCached(let step): print("step \(step): from the cache")
    case .stepFinished(let step, let seconds): print("step \(step): \(seconds) s")
    default: break
    }
}

let image = try await build.result
try await builder.push(name)

let details = try await builder.inspect(name.description)
print("\(image.digest), \(details.manifest.layers.count) layers, runs \(details.config.config.cmd ?? [])")
