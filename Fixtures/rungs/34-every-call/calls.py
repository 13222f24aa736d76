"""Every call that sets or tells an owner, a mode, a device or an attribute, by path, descriptor and folder."""

import ctypes
import os
import stat

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW = -100, 0x1000, 0x100


def call(number, *arguments):
    """A system call by its number on x86-64 and aarch64 alike (those from 424 on)."""
    result = libc.syscall(ctypes.c_long(number), *arguments)
    return result if result >= 0 else -ctypes.get_errno()


def tell(name, following=False, folder=None):
    s = os.stat(name, follow_symlinks=following, dir_fd=folder)
    print(name, stat.filemode(s.st_mode), s.st_uid, s.st_gid, s.st_nlink if not stat.S_ISDIR(s.st_mode) else "")


def make(name, mode=0o644):
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_EXCL, mode))
    return name


def link_nameless(descriptor, name):
    AT_SYMLINK_FOLLOW = 0x400
    path = b"/proc/self/fd/%d" % descriptor
    if libc.linkat(AT_FDCWD, path, AT_FDCWD, name.encode(), AT_SYMLINK_FOLLOW) != 0:
        raise OSError(ctypes.get_errno(), "linkat", name)


os.umask(0o022)
os.mkdir("d")
folder = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
# chown
os.chown(make("chown"), 11, 12)
os.lchown(make("lchown"), 13, 14)
with open("fchown", "w") as f:
    os.fchown(f.fileno(), 15, 16)
    os.fchmod(f.fileno(), 0o4751)
    s = os.fstat(f.fileno())
    print("fstat", stat.filemode(s.st_mode), s.st_uid, s.st_gid)
make("d/at")
os.chown("at", 17, 18, dir_fd=folder)
os.symlink("at", "link", dir_fd=folder)
os.chown("link", 19, 20, dir_fd=folder, follow_symlinks=False)
os.chown("link", 21, -1, dir_fd=folder)
tell("at", folder=folder)
tell("link", folder=folder)
descriptor = os.open("chown", os.O_PATH)
print("empty path", libc.fchownat(descriptor, b"", 22, 23, AT_EMPTY_PATH))
print("chown of a path descriptor", call(93 if os.uname().machine == "x86_64" else 55, descriptor, 1, 1))
print(os.fstat(descriptor).st_uid, os.stat("/proc/self/fd/%d" % descriptor).st_gid)
os.chown("/proc/self/fd/%d" % descriptor, 24, 25)
tell("chown")
descriptor = os.open("d/link", os.O_PATH | os.O_NOFOLLOW)
print("empty path of a link", libc.fchownat(descriptor, b"", 26, 27, AT_EMPTY_PATH))
print("none of both", libc.fchownat(AT_FDCWD, b"chown", -1, -1, 0), libc.fchownat(AT_FDCWD, b"gone", 1, 1, 0))
os.fchown(folder, 28, 29)
os.fchmod(folder, 0o2771)
tell("d")
make("d/inherits")
tell("inherits", folder=folder)
# chmod
os.chmod(make("chmod"), 0o6711)
os.chmod("at", 0o200, dir_fd=folder)
print("fchmodat2", call(452, AT_FDCWD, b"lchown", 0o604, AT_SYMLINK_NOFOLLOW) in (0, -38), call(452, AT_FDCWD, b"d/link", 0o600, AT_SYMLINK_NOFOLLOW) in (-95, -38))
os.chmod("lchown", 0o604)
for mode in (0, 0o1, 0o10, 0o400, 0o1000, 0o2000, 0o4000, 0o7777):
    os.chmod(make("mode-%o" % mode), mode)
    tell("mode-%o" % mode)
# made with owners
os.mknod("node", 0o640 | stat.S_IFREG)
os.mkfifo("fifo", 0o600)
os.mknod("char", 0o602 | stat.S_IFCHR, os.makedev(1, 3))
os.mknod("block", 0o660 | stat.S_IFBLK, os.makedev(259, 300000))
os.chown("fifo", 30, 31)
os.chown("char", 32, 33)
for name in ("node", "fifo", "char", "block"):
    tell(name)
s = os.stat("block")
print(os.major(s.st_rdev), os.minor(s.st_rdev), s.st_size)
# a file without a name, given one
nameless = os.open("d", os.O_TMPFILE | os.O_RDWR, 0o640)
os.fchown(nameless, 34, 35)
os.write(nameless, b"nameless\n")
link_nameless(nameless, "d/named")
tell("named", folder=folder)
# as another, within one process
os.chmod(".", 0o1777)
os.setegid(41)
os.seteuid(40)
make("other")
os.mkdir("other-dir", 0o750)
os.symlink("x", "other-link")
os.mkfifo("other-fifo")
os.rename("other", "other-renamed")
os.link("other-renamed", "other-hard")
try:
    nameless = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o604)
    link_nameless(nameless, "other-nameless")
except OSError:
    # What programs do where there are no such files.
    make("other-nameless", 0o604)
how = (ctypes.c_ulonglong * 3)(os.O_CREAT | os.O_WRONLY, 0o606, 0)
made = call(437, AT_FDCWD, b"other-openat2", ctypes.byref(how), ctypes.c_size_t(24))
print("openat2", made >= 0)
os.seteuid(0)
os.setegid(0)
for name in ("other-renamed", "other-hard", "other-dir", "other-link", "other-fifo", "other-nameless", "other-openat2"):
    tell(name)
libc.setfsgid(51)
libc.setfsuid(50)
make("fs")
print("fsuid", libc.setfsuid(0), libc.setfsgid(0))
tell("fs")
print(os.getresuid(), os.getresgid(), os.getgroups())
os.setgroups([3, 5, 6000])
print(os.getgroups())
os.setgroups([])
# statx
buffer = ctypes.create_string_buffer(256)
print("statx", libc.statx(AT_FDCWD, b"chown", AT_SYMLINK_NOFOLLOW, 0x7FF, buffer), int.from_bytes(buffer.raw[20:24], "little"), int.from_bytes(buffer.raw[24:28], "little"), oct(int.from_bytes(buffer.raw[28:30], "little")))
# attributes
os.setxattr("chown", "user.k", b"v")
os.setxattr("d", "user.k", b"v")
os.setxattr("chmod", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
print(os.listxattr("chown"), os.listxattr("chmod"), os.getxattr("chmod", "security.capability").hex())
os.chown("chmod", 60, 61)
print(os.listxattr("chmod"))
tell("chmod")
os.removexattr("chown", "user.k")
# long ways to a file
os.chdir("d")
os.chown("../d/../lchown", 62, 63)
os.chown(b"./././at", 64, 65)
os.chdir("..")
tell("lchown")
tell("d/at")
for entry in sorted(os.scandir("."), key=lambda e: e.name):
    s = entry.stat(follow_symlinks=False)
    print(entry.name, s.st_uid, s.st_gid, oct(s.st_mode))
for access in (("chmod", os.R_OK), ("mode-0", os.R_OK | os.W_OK), ("mode-0", os.X_OK), ("mode-1", os.X_OK)):
    print(access, os.access(*access))
