// The Python package `chutes`, as bytes in the program: a build of a Python definition needs no installation.
#ifndef CCHUTES_H
#define CCHUTES_H

#include <stddef.h>

// One file of the package: its path below the folder that it is written to, and its bytes.
struct cchutes_file {
    const char *path;
    const unsigned char *bytes;
    size_t size;
};

size_t cchutes_count(void);

// The file of that number; all zero past the last.
struct cchutes_file cchutes_file(size_t index);

#endif
