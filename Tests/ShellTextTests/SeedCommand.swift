import Testing

/// Every `run_command` of several lines in the documents that define what users of this builder know, with the argument
/// vectors that its author meant to reach the tools.
struct SeedCommand: Sendable, CustomTestStringConvertible {
    /// The document and the line.
    let place: String
    /// The text as the program has it.
    let text: String
    /// What each tool is called with, in order.
    let vectors: [[String]]
    /// Whether the shell itself reads it as its author did not mean: it stays as written and is found by the lint.
    var isMisread = false

    var testDescription: String { place }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    static let all: [SeedCommand] = [
        SeedCommand(
            place: "chutes-image-reference.md:192",
            text: """

                        apt update &&
                        apt install -y git curl &&
                        pip install --upgrade pip &&
                        pip install numpy pandas scikit-learn
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                ["apt", "update"], ["apt", "install", "-y", "git", "curl"], ["pip", "install", "--upgrade", "pip"],
                ["pip", "install", "numpy", "pandas", "scikit-learn"],
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:213",
            text: """

                    apt update && apt install -y
                    build-essential
                    git
                    curl
                    wget
                    ffmpeg
                    libsm6
                    libxext6
                    libfontconfig1
                    libxrender1

                """,
            vectors: [
                ["apt", "update"],
                ["apt", "install", "-y"]
                    + words("build-essential git curl wget ffmpeg libsm6 libxext6 libfontconfig1 libxrender1"),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:227",
            text: """

                    pip install
                    torch
                    transformers
                    accelerate
                    datasets
                    tokenizers
                    numpy
                    pandas
                    scikit-learn
                    pillow
                    opencv-python

                """,
            vectors: [
                words(
                    "pip install torch transformers accelerate datasets tokenizers numpy pandas scikit-learn pillow opencv-python"
                )
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:242",
            text: """

                    apt autoremove -y &&
                    apt clean &&
                    rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*

                """,
            vectors: [
                words("apt autoremove -y"), words("apt clean"), words("rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*"),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:545",
            text: """

                            apt update && apt install -y
                            python3 python3-pip python3-dev
                            build-essential git curl wget
                            libsm6 libxext6 libfontconfig1 libxrender1
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("apt update"),
                words(
                    "apt install -y python3 python3-pip python3-dev build-essential git curl wget libsm6 libxext6 libfontconfig1 libxrender1"
                ),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:556",
            text: """

                            pip3 install torch torchvision torchaudio
                            --index-url https://download.pytorch.org/whl/cu118
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("pip3 install torch torchvision torchaudio --index-url https://download.pytorch.org/whl/cu118")
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:562",
            text: """

                            pip3 install
                            transformers[torch]
                            accelerate
                            datasets
                            tokenizers
                            optimum
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [words("pip3 install transformers[torch] accelerate datasets tokenizers optimum")]),
        SeedCommand(
            place: "chutes-image-reference.md:590",
            text: """

                            apt autoremove -y &&
                            apt clean &&
                            rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/* ~/.cache/pip
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("apt autoremove -y"), words("apt clean"),
                words("rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/* /home/of/nobody/.cache/pip"),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:656",
            text: """

                            apt update && apt install -y --no-install-recommends
                            build-essential git curl
                            && rm -rf /var/lib/apt/lists/*
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("apt update"), words("apt install -y --no-install-recommends build-essential git curl"),
                words("rm -rf /var/lib/apt/lists/*"),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:689",
            text: """

                            apk add --no-cache
                            gcc musl-dev linux-headers
                            && pip install --no-cache-dir torch --index-url https://download.pytorch.org/whl/cpu
                            && apk del gcc musl-dev linux-headers
                \u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("apk add --no-cache gcc musl-dev linux-headers"),
                words("pip install --no-cache-dir torch --index-url https://download.pytorch.org/whl/cpu"),
                words("apk del gcc musl-dev linux-headers"),
            ]),
        SeedCommand(
            place: "chutes-image-reference.md:809",
            text: """

                       apt update &&
                       apt install -y python3 &&
                       rm -rf /var/lib/apt/lists/*
                \u{20}\u{20}\u{20}
                """,
            vectors: [words("apt update"), words("apt install -y python3"), words("rm -rf /var/lib/apt/lists/*")]),
        SeedCommand(
            place: "chutes-image-reference.md:823",
            text: """

                       pip install large-package &&
                       rm -rf ~/.cache/pip  # Clean up in same layer
                \u{20}\u{20}\u{20}
                """,
            vectors: [words("pip install large-package"), words("rm -rf /home/of/nobody/.cache/pip")]),
        SeedCommand(
            place: "chutes-images.md:231",
            text: """

                        apt-get update && apt-get install -y \\
                        git curl wget unzip \\
                        build-essential \\
                        ffmpeg \\
                        && rm -rf /var/lib/apt/lists/*
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words("apt-get update"), words("apt-get install -y git curl wget unzip build-essential ffmpeg"),
                words("rm -rf /var/lib/apt/lists/*"),
            ]),
        SeedCommand(
            place: "chutes-images.md:243",
            text: """

                        pip install \\
                        torch==2.1.0 \\
                        torchvision==0.16.0 \\
                        torchaudio==2.1.0 \\
                        transformers>=4.30.0 \\
                        accelerate>=0.20.0 \\
                        datasets>=2.12.0 \\
                        tokenizers>=0.13.0
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                words(
                    "pip install torch==2.1.0 torchvision==0.16.0 torchaudio==2.1.0 transformers accelerate datasets tokenizers"
                )
            ], isMisread: true),
        SeedCommand(
            place: "chutes-images.md:255",
            text: """

                        pip install \\
                        spacy>=3.6.0 \\
                        nltk>=3.8 \\
                        scikit-learn>=1.3.0 \\
                        pandas>=2.0.0 \\
                        numpy>=1.24.0
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [words("pip install spacy nltk scikit-learn pandas numpy")], isMisread: true),
        SeedCommand(
            place: "chutes-images.md:283",
            text: """

                        python -c "
                        import nltk
                        nltk.download('punkt')
                        nltk.download('stopwords')
                        nltk.download('wordnet')
                        "
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                [
                    "python", "-c",
                    "\nimport nltk\nnltk.download('punkt')\nnltk.download('stopwords')\nnltk.download('wordnet')\n",
                ]
            ]),
        SeedCommand(
            place: "chutes-images.md:417",
            text: """

                    apt-get update && \\
                    apt-get install -y git curl wget && \\
                    rm -rf /var/lib/apt/lists/*

                """,
            vectors: [
                words("apt-get update"), words("apt-get install -y git curl wget"),
                words("rm -rf /var/lib/apt/lists/*"),
            ]),
        SeedCommand(
            place: "chutes-images.md:446",
            text: """

                    pip install torch transformers && \\
                    pip cache purge && \\
                    rm -rf ~/.cache/pip

                """,
            vectors: [
                words("pip install torch transformers"), words("pip cache purge"),
                words("rm -rf /home/of/nobody/.cache/pip"),
            ]),
        SeedCommand(
            place: "chutes-images.md:500",
            text: """

                        python -c "
                        from transformers import AutoModel, AutoTokenizer
                        AutoModel.from_pretrained('bert-base-uncased')
                        AutoTokenizer.from_pretrained('bert-base-uncased')
                        "
                \u{20}\u{20}\u{20}\u{20}
                """,
            vectors: [
                [
                    "python", "-c",
                    "\nfrom transformers import AutoModel, AutoTokenizer\nAutoModel.from_pretrained('bert-base-uncased')\nAutoTokenizer.from_pretrained('bert-base-uncased')\n",
                ]
            ]),
    ]
}
