#define CURL_DISABLE_TYPECHECK
#include "ccurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// Every function of libcurl that is called.
#define FUNCTIONS(X)                                                                                                   \
    X(curl_global_init)                                                                                                \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_reset)                                                                                                 \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_perform)                                                                                               \
    X(curl_easy_strerror)                                                                                              \
    X(curl_slist_append)                                                                                               \
    X(curl_slist_free_all)                                                                                             \
    X(curl_free)                                                                                                       \
    X(curl_url)                                                                                                        \
    X(curl_url_cleanup)                                                                                                \
    X(curl_url_set)                                                                                                    \
    X(curl_url_get)                                                                                                    \
    X(curl_url_strerror)

// One pointer for each, of the type that the header declares.
#define POINTER(name) __typeof__(&name) name;
static struct {
    FUNCTIONS(POINTER)
} library;

static char failure[512];
static int is_loaded;

static void load(void) {
    // Lazily bound, as an ordinary program would have it: most of what libcurl can do is never asked for.
    void *handle = dlopen(CCURL_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(failure, sizeof failure, "%s", reason ? reason : CCURL_LIBRARY " cannot be loaded");
        return;
    }
#define BIND(name)                                                                                                     \
    library.name = (__typeof__(&name))dlsym(handle, #name);                                                            \
    if (!library.name) {                                                                                               \
        snprintf(failure, sizeof failure, "%s is too old: it lacks %s", CCURL_LIBRARY, #name);                         \
        return;                                                                                                        \
    }
    FUNCTIONS(BIND)
    is_loaded = 1;
}

const char *ccurl_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return is_loaded ? NULL : failure;
}

CURLcode ccurl_global_init(long flags) { return is_loaded ? library.curl_global_init(flags) : CURLE_FAILED_INIT; }

CURL *ccurl_easy_init(void) { return is_loaded ? library.curl_easy_init() : NULL; }

void ccurl_easy_cleanup(CURL *handle) {
    if (is_loaded) library.curl_easy_cleanup(handle);
}

void ccurl_easy_reset(CURL *handle) {
    if (is_loaded) library.curl_easy_reset(handle);
}

CURLcode ccurl_easy_perform(CURL *handle) { return is_loaded ? library.curl_easy_perform(handle) : CURLE_FAILED_INIT; }

const char *ccurl_easy_strerror(CURLcode code) {
    return is_loaded ? library.curl_easy_strerror(code) : "libcurl is not loaded";
}

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) {
    return is_loaded ? library.curl_slist_append(list, text) : NULL;
}

void ccurl_slist_free_all(struct curl_slist *list) {
    if (is_loaded) library.curl_slist_free_all(list);
}

void ccurl_free(void *memory) {
    if (is_loaded) library.curl_free(memory);
}

CURLU *ccurl_url(void) { return is_loaded ? library.curl_url() : NULL; }

void ccurl_url_cleanup(CURLU *url) {
    if (is_loaded) library.curl_url_cleanup(url);
}

CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned flags) {
    return is_loaded ? library.curl_url_set(url, part, text, flags) : CURLUE_OUT_OF_MEMORY;
}

CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char **text, unsigned flags) {
    return is_loaded ? library.curl_url_get(url, part, text, flags) : CURLUE_OUT_OF_MEMORY;
}

const char *ccurl_url_strerror(CURLUcode code) {
    return is_loaded ? library.curl_url_strerror(code) : "libcurl is not loaded";
}

// The header's macro of that name checks nothing that the wrappers' types do not, and would hide the member.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define SET(handle, option, value)                                                                                     \
    (is_loaded ? library.curl_easy_setopt(handle, option, value) : CURLE_FAILED_INIT)

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return SET(handle, option, value); }

CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) { return SET(handle, option, value); }

CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) { return SET(handle, option, value); }

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) { return SET(handle, option, list); }

CURLcode ccurl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return SET(handle, option, &blob);
}

CURLcode ccurl_set_error_buffer(CURL *handle, char *buffer) { return SET(handle, CURLOPT_ERRORBUFFER, buffer); }

CURLcode ccurl_set_write(CURL *handle, curl_write_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_WRITEFUNCTION, callback);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_WRITEDATA, context);
}

CURLcode ccurl_set_header(CURL *handle, curl_write_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_HEADERFUNCTION, callback);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_HEADERDATA, context);
}

CURLcode ccurl_set_read(CURL *handle, curl_read_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_READFUNCTION, callback);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_READDATA, context);
}

CURLcode ccurl_set_seek(CURL *handle, curl_seek_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_SEEKFUNCTION, callback);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_SEEKDATA, context);
}

CURLcode ccurl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_XFERINFOFUNCTION, callback);
    if (code == CURLE_OK) code = SET(handle, CURLOPT_XFERINFODATA, context);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_NOPROGRESS, 0L);
}

CURLcode ccurl_set_prerequest(CURL *handle, curl_prereq_callback callback, void *context) {
    CURLcode code = SET(handle, CURLOPT_PREREQFUNCTION, callback);
    return code != CURLE_OK ? code : SET(handle, CURLOPT_PREREQDATA, context);
}

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
    return is_loaded ? library.curl_easy_getinfo(handle, info, value) : CURLE_FAILED_INIT;
}
