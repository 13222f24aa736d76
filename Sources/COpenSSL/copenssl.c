#include "copenssl.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>

// Every function of libcrypto that is called.
#define FUNCTIONS(X)                                                                                                   \
    X(BIO_new_mem_buf)                                                                                                 \
    X(BIO_free)                                                                                                        \
    X(PEM_read_bio_PrivateKey)                                                                                         \
    X(PEM_read_bio_PUBKEY)                                                                                             \
    X(EVP_PKEY_is_a)                                                                                                   \
    X(EVP_PKEY_free)                                                                                                   \
    X(EVP_MD_CTX_new)                                                                                                  \
    X(EVP_MD_CTX_free)                                                                                                 \
    X(EVP_DigestSignInit)                                                                                              \
    X(EVP_DigestSign)                                                                                                  \
    X(EVP_DigestVerifyInit)                                                                                            \
    X(EVP_DigestVerify)                                                                                                \
    X(ERR_clear_error)

// One pointer for each, of the type that the headers declare.
#define POINTER(name) __typeof__(&name) name;
static struct {
    FUNCTIONS(POINTER)
} library;

static char failure[512];
static int is_loaded;

static void load(void) {
    void *handle = dlopen(COPENSSL_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(failure, sizeof failure, "%s", reason ? reason : COPENSSL_LIBRARY " cannot be loaded");
        return;
    }
#define BIND(name)                                                                                                     \
    library.name = (__typeof__(&name))dlsym(handle, #name);                                                            \
    if (!library.name) {                                                                                               \
        snprintf(failure, sizeof failure, "%s lacks %s", COPENSSL_LIBRARY, #name);                                     \
        return;                                                                                                        \
    }
    FUNCTIONS(BIND)
    is_loaded = 1;
}

const char *copenssl_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return is_loaded ? NULL : failure;
}

BIO *copenssl_BIO_new_mem_buf(const void *bytes, int count) {
    return is_loaded ? library.BIO_new_mem_buf(bytes, count) : NULL;
}

int copenssl_BIO_free(BIO *memory) { return is_loaded ? library.BIO_free(memory) : 0; }

EVP_PKEY *copenssl_PEM_read_bio_PrivateKey(BIO *memory, char *passphrase) {
    return is_loaded ? library.PEM_read_bio_PrivateKey(memory, NULL, NULL, passphrase) : NULL;
}

EVP_PKEY *copenssl_PEM_read_bio_PUBKEY(BIO *memory) {
    return is_loaded ? library.PEM_read_bio_PUBKEY(memory, NULL, NULL, NULL) : NULL;
}

int copenssl_EVP_PKEY_is_a(const EVP_PKEY *key, const char *name) {
    return is_loaded ? library.EVP_PKEY_is_a(key, name) : 0;
}

void copenssl_EVP_PKEY_free(EVP_PKEY *key) {
    if (is_loaded) library.EVP_PKEY_free(key);
}

EVP_MD_CTX *copenssl_EVP_MD_CTX_new(void) { return is_loaded ? library.EVP_MD_CTX_new() : NULL; }

void copenssl_EVP_MD_CTX_free(EVP_MD_CTX *context) {
    if (is_loaded) library.EVP_MD_CTX_free(context);
}

int copenssl_EVP_DigestSignInit(EVP_MD_CTX *context, EVP_PKEY *key) {
    return is_loaded ? library.EVP_DigestSignInit(context, NULL, NULL, NULL, key) : 0;
}

int copenssl_EVP_DigestSign(
    EVP_MD_CTX *context, unsigned char *signature, size_t *length, const unsigned char *message, size_t count) {
    return is_loaded ? library.EVP_DigestSign(context, signature, length, message, count) : 0;
}

int copenssl_EVP_DigestVerifyInit(EVP_MD_CTX *context, EVP_PKEY *key) {
    return is_loaded ? library.EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) : 0;
}

int copenssl_EVP_DigestVerify(
    EVP_MD_CTX *context, const unsigned char *signature, size_t length, const unsigned char *message, size_t count) {
    return is_loaded ? library.EVP_DigestVerify(context, signature, length, message, count) : 0;
}

void copenssl_ERR_clear_error(void) {
    if (is_loaded) library.ERR_clear_error();
}
