#include "carchive.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// Every function of libarchive that is called.
#define FUNCTIONS(X)                                                                                                   \
    X(archive_read_new)                                                                                                \
    X(archive_read_support_filter_gzip)                                                                                \
    X(archive_read_support_filter_bzip2)                                                                               \
    X(archive_read_support_filter_xz)                                                                                  \
    X(archive_read_support_filter_lzma)                                                                                \
    X(archive_read_support_filter_zstd)                                                                                \
    X(archive_read_support_format_raw)                                                                                 \
    X(archive_read_support_format_empty)                                                                               \
    X(archive_read_open)                                                                                               \
    X(archive_read_next_header)                                                                                        \
    X(archive_read_data)                                                                                               \
    X(archive_read_free)                                                                                               \
    X(archive_error_string)

// One pointer for each, of the type that the header declares.
#define POINTER(name) __typeof__(&name) name;
static struct {
    FUNCTIONS(POINTER)
} library;

static char failure[512];
static int is_loaded;

static void load(void) {
    void *handle = dlopen(CARCHIVE_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(failure, sizeof failure, "%s", reason ? reason : CARCHIVE_LIBRARY " cannot be loaded");
        return;
    }
#define BIND(name)                                                                                                     \
    library.name = (__typeof__(&name))dlsym(handle, #name);                                                            \
    if (!library.name) {                                                                                               \
        snprintf(failure, sizeof failure, "%s is too old: it lacks %s", CARCHIVE_LIBRARY, #name);                      \
        return;                                                                                                        \
    }
    FUNCTIONS(BIND)
    is_loaded = 1;
}

const char *carchive_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return is_loaded ? NULL : failure;
}

struct archive *carchive_read_new(void) { return is_loaded ? library.archive_read_new() : NULL; }

#define SUPPORT(name)                                                                                                  \
    int c##name(struct archive *archive) { return is_loaded ? library.name(archive) : ARCHIVE_FATAL; }

SUPPORT(archive_read_support_filter_gzip)
SUPPORT(archive_read_support_filter_bzip2)
SUPPORT(archive_read_support_filter_xz)
SUPPORT(archive_read_support_filter_lzma)
SUPPORT(archive_read_support_filter_zstd)
SUPPORT(archive_read_support_format_raw)
SUPPORT(archive_read_support_format_empty)
SUPPORT(archive_read_free)

int carchive_read_open(
    struct archive *archive, void *context, archive_open_callback *opener, archive_read_callback *reader,
    archive_close_callback *closer) {
    return is_loaded ? library.archive_read_open(archive, context, opener, reader, closer) : ARCHIVE_FATAL;
}

int carchive_read_next_header(struct archive *archive, struct archive_entry **entry) {
    return is_loaded ? library.archive_read_next_header(archive, entry) : ARCHIVE_FATAL;
}

la_ssize_t carchive_read_data(struct archive *archive, void *buffer, size_t capacity) {
    return is_loaded ? library.archive_read_data(archive, buffer, capacity) : ARCHIVE_FATAL;
}

const char *carchive_error_string(struct archive *archive) {
    return is_loaded ? library.archive_error_string(archive) : "libarchive is not loaded";
}
