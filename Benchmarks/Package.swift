// swift-tools-version: 6.2
import PackageDescription

// Measuring looks into the rooms, whose declarations are `package`: this target is compiled as if it were in theirs.
// SwiftPM names a package after its folder.
let folder = Context.packageDirectory.split(separator: "/").dropLast().last.map(String.init) ?? "ocibuild"
let identity = String(folder.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })

// Its own package, so that measuring adds nothing to what users of the library build.
let package = Package(
    name: "ocibuild-benchmarks",
    dependencies: [.package(name: "ocibuild", path: "..")],
    targets: [
        .executableTarget(
            name: "ocibuild-bench",
            dependencies: [.product(name: "Rooms", package: "ocibuild")],
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
                .unsafeFlags(["-package-name", identity]),
            ])
    ]
)
