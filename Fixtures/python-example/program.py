"""program.py BASE FOLDER NAME: builds an image as a value, pushes it, and prints the Dockerfile it stands for."""

import sys

from chutes.image import Image

base, folder, name = sys.argv[1:]

tools = Image("myuser", "tools").from_base(base).run_command("""
    mkdir -p /out
    echo built > /out/version
""")

image = (
    Image("myuser", "service", "1.0")
    .from_base(base)
    .set_workdir("/app")
    .add("/out/", "./", from_=tools)
    .add("file", "./")
    .with_env("PRICE", "$5")
    .with_cmd(["cat", "version", "file"])
)

pushed = image.push(folder, tag=name)

print(image.dockerfile())
print(pushed.digest)
