// libarchive, loaded when the first compressed archive needs it: with libxml2 and ICU it is the heaviest library of all,
// and hardly any build unpacks an archive. Nothing here links to it; what is called must have a wrapper below.
#ifndef CARCHIVE_H
#define CARCHIVE_H

#include <archive.h>

// Loads libarchive: NULL, or the reason why it cannot be had. The first call decides; it may come from any thread. Before
// a call that returned NULL every function below fails.
const char *carchive_load(void);

// What the loader looks for.
#define CARCHIVE_LIBRARY "libarchive.so.13"

// As the functions of libarchive without the first "c".
struct archive *carchive_read_new(void);
int carchive_read_support_filter_gzip(struct archive *archive);
int carchive_read_support_filter_bzip2(struct archive *archive);
int carchive_read_support_filter_xz(struct archive *archive);
int carchive_read_support_filter_lzma(struct archive *archive);
int carchive_read_support_filter_zstd(struct archive *archive);
int carchive_read_support_format_raw(struct archive *archive);
int carchive_read_support_format_empty(struct archive *archive);
int carchive_read_open(
    struct archive *archive, void *context, archive_open_callback *opener, archive_read_callback *reader,
    archive_close_callback *closer);
int carchive_read_next_header(struct archive *archive, struct archive_entry **entry);
la_ssize_t carchive_read_data(struct archive *archive, void *buffer, size_t capacity);
int carchive_read_free(struct archive *archive);
const char *carchive_error_string(struct archive *archive);

#endif
