// libcurl, loaded when the first request needs it: it brings some thirty libraries along, which cost a build that asks no
// registry more than all its other work. Nothing here links to it; what is called must have a wrapper below.
//
// Its option and information calls are variadic C, which Swift does not import: one typed wrapper for each kind of
// argument that ocibuild passes.
#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>
#include <curl/urlapi.h>

// Loads libcurl: NULL, or the reason why it cannot be had. The first call decides; it may come from any thread. Before a
// call that returned NULL every function below fails: with NULL, CURLE_FAILED_INIT or CURLUE_OUT_OF_MEMORY.
const char *ccurl_load(void);

// What the loader looks for.
#define CCURL_LIBRARY "libcurl.so.4"

// As the functions of libcurl without the first "c".
CURLcode ccurl_global_init(long flags);
CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *handle);
void ccurl_easy_reset(CURL *handle);
CURLcode ccurl_easy_perform(CURL *handle);
const char *ccurl_easy_strerror(CURLcode code);
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text);
void ccurl_slist_free_all(struct curl_slist *list);
void ccurl_free(void *memory);
CURLU *ccurl_url(void);
void ccurl_url_cleanup(CURLU *url);
CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned flags);
CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char **text, unsigned flags);
const char *ccurl_url_strerror(CURLUcode code);

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);

// libcurl copies the string.
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);

// The list must live until the transfer has ended.
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);

// libcurl copies the bytes.
CURLcode ccurl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count);

// The buffer must hold CURL_ERROR_SIZE bytes and live until the handle is reset.
CURLcode ccurl_set_error_buffer(CURL *handle, char *buffer);

CURLcode ccurl_set_write(CURL *handle, curl_write_callback callback, void *context);
CURLcode ccurl_set_header(CURL *handle, curl_write_callback callback, void *context);
CURLcode ccurl_set_read(CURL *handle, curl_read_callback callback, void *context);
CURLcode ccurl_set_seek(CURL *handle, curl_seek_callback callback, void *context);
CURLcode ccurl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *context);

// Called with the address that was connected to, before the request is sent.
CURLcode ccurl_set_prerequest(CURL *handle, curl_prereq_callback callback, void *context);

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);

// Values that are macros too involved for Swift's importer.
enum {
    CCURL_GLOBAL_ALL = CURL_GLOBAL_ALL,
    CCURL_WRITE_FAILED = 0,
    CCURL_READ_ABORT = CURL_READFUNC_ABORT,
    CCURL_SEEK_OK = CURL_SEEKFUNC_OK,
    CCURL_SEEK_FAIL = CURL_SEEKFUNC_FAIL,
    CCURL_PREREQ_OK = CURL_PREREQFUNC_OK,
    CCURL_PREREQ_ABORT = CURL_PREREQFUNC_ABORT,
    CCURL_HTTP_1_1 = CURL_HTTP_VERSION_1_1,
    CCURL_URL_DISALLOW_USER = CURLU_DISALLOW_USER,
    CCURL_URL_DEFAULT_PORT = CURLU_DEFAULT_PORT,
};

#endif
