"""Processes of several people make, change and remove files in one folder at once."""

import os

os.chdir("/crowd")


def work(number):
    if number % 2:
        os.setgroups([100 + number])
        os.setresgid(3000 + number, 3000 + number, 3000 + number)
        os.setresuid(2000 + number, 2000 + number, 2000 + number)
    for i in range(40):
        name = f"{number}-{i}"
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o640))
        os.symlink(name, name + "-link")
        os.mkdir(name + "-dir", 0o755)
        os.close(os.open(name + "-dir/file", os.O_CREAT | os.O_WRONLY, 0o600))
        if number % 2 == 0:
            os.chown(name, number, i)
            os.lchown(name + "-link", i, number)
        if i % 4 == 1:
            os.unlink(name + "-link")
            os.rename(name, name + "-moved")
        if i % 4 == 2:
            os.unlink(name)
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o604))
        s = os.lstat(f"{number}-{i}-dir")
        assert s.st_uid == (2000 + number if number % 2 else 0), (number, i, s)
        assert s.st_gid == 4242, (number, i, s)


children = []
for number in range(8):
    child = os.fork()
    if child == 0:
        os.umask(0o022)
        work(number)
        os._exit(0)
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
