// The least that unpacking an uncompressed tar can be: what the file system asks for each file, and nothing else. The tar
// is trusted, in memory (mapped), of plain ustar names, with directories before what is in them; nothing is verified.
//
// usage: plain-unpack TAR FOLDER THREADS
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *tar;
static size_t size;
static int root, threads;

static long number(const char *field, int length) {
    long value = 0;
    for (int i = 0; i < length && field[i] >= '0' && field[i] <= '7'; i++) value = value * 8 + (field[i] - '0');
    return value;
}

static void fail(const char *what, const char *path) {
    fprintf(stderr, "plain-unpack: %s ", what);
    perror(path);
    exit(1);
}

// The name of an entry, without "./" before and "/" behind it.
static void name_of(const char *header, char *out) {
    int length = 0;
    if (header[345]) length = sprintf(out, "%.155s/", header + 345);
    sprintf(out + length, "%.100s", header);
    if (strncmp(out, "./", 2) == 0) memmove(out, out + 2, strlen(out) - 1);
    size_t end = strlen(out);
    if (end > 0 && out[end - 1] == '/') out[end - 1] = 0;
}

static void set_time(int file, const char *header) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = number(header + 136, 11)}};
    if (futimens(file, times) != 0) fail("futimens", header);
}

static void make_file(int directory, const char *name, const char *header) {
    size_t length = number(header + 124, 11);
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, number(header + 100, 7));
    if (file < 0) fail("open", name);
    for (size_t done = 0; done < length;) {
        ssize_t count = write(file, header + 512 + done, length - done);
        if (count < 0) fail("write", name);
        done += count;
    }
    set_time(file, header);
    close(file);
}

// Each thread makes every so manieth run of files.
static void *make_files(void *argument) {
    long own = (long)argument, index = 0;
    int directory = -1;
    char path[300], last[300] = "/";
    for (size_t at = 0; at + 512 <= size && tar[at]; index++) {
        const char *header = tar + at;
        at += 512 + (number(header + 124, 11) + 511) / 512 * 512;
        int is_file = header[156] == '0' || header[156] == 0;
        if ((!is_file && header[156] != '2') || index / 64 % threads != own) continue;
        name_of(header, path);
        char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        if (slash) *slash = 0;
        const char *folder = slash ? path : ".";
        if (strcmp(folder, last) != 0) {
            if (directory >= 0) close(directory);
            directory = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (directory < 0) fail("open", folder);
            strcpy(last, folder);
        }
        if (is_file) {
            make_file(directory, name, header);
        } else {
            char target[101] = "";
            strncat(target, header + 157, 100);
            if (symlinkat(target, directory, name) != 0) fail("symlink", name);
        }
    }
    if (directory >= 0) close(directory);
    return NULL;
}

// Makes all directories, or, afterwards, gives them their times.
static void each_directory(int is_made) {
    char path[300];
    for (size_t at = 0; at + 512 <= size && tar[at];) {
        const char *header = tar + at;
        at += 512 + (number(header + 124, 11) + 511) / 512 * 512;
        if (header[156] != '5') continue;
        name_of(header, path);
        if (path[0] == 0 || strcmp(path, ".") == 0) continue;
        if (!is_made) {
            if (mkdirat(root, path, number(header + 100, 7)) != 0) fail("mkdir", path);
            continue;
        }
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = number(header + 136, 11)}};
        if (utimensat(root, path, times, AT_SYMLINK_NOFOLLOW) != 0) fail("utimensat", path);
    }
}

int main(int count, char **words) {
    if (count != 4) return 2;
    int file = open(words[1], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) fail("open", words[1]);
    size = status.st_size;
    tar = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (tar == MAP_FAILED) fail("mmap", words[1]);
    root = open(words[2], O_RDONLY | O_DIRECTORY);
    if (root < 0) fail("open", words[2]);
    threads = atoi(words[3]);
    umask(0);
    each_directory(0);
    pthread_t started[64];
    for (long i = 1; i < threads; i++) pthread_create(&started[i], NULL, make_files, (void *)i);
    make_files((void *)0);
    for (int i = 1; i < threads; i++) pthread_join(started[i], NULL);
    each_directory(1);
    return 0;
}
