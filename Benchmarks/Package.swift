// swift-tools-version: 6.2
import PackageDescription

// Its own package, so that measuring adds nothing to what users of the library build.
let package = Package(
    name: "ocibuild-benchmarks",
    dependencies: [.package(name: "ocibuild", path: "..")],
    targets: [
        .executableTarget(
            name: "ocibuild-bench",
            dependencies: [.product(name: "Codecs", package: "ocibuild")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
            ])
    ]
)
