// OpenSSL's libcrypto for signatures, loaded when the first key is read: a program that links it pays for it at every
// start. Nothing here links to it; what is called must have a wrapper below.
#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/bio.h>
#include <openssl/evp.h>

// Loads libcrypto: NULL, or the reason why it cannot be had. The first call decides; it may come from any thread. Before
// a call that returned NULL every function below fails.
const char *copenssl_load(void);

// What the loader looks for: of the version that the headers are of.
#define COPENSSL_LIBRARY "libcrypto.so.3"

// As OpenSSL's functions of these names.
BIO *copenssl_BIO_new_mem_buf(const void *bytes, int count);
int copenssl_BIO_free(BIO *memory);
EVP_PKEY *copenssl_PEM_read_bio_PrivateKey(BIO *memory, char *passphrase);
EVP_PKEY *copenssl_PEM_read_bio_PUBKEY(BIO *memory);
int copenssl_EVP_PKEY_is_a(const EVP_PKEY *key, const char *name);
void copenssl_EVP_PKEY_free(EVP_PKEY *key);
EVP_MD_CTX *copenssl_EVP_MD_CTX_new(void);
void copenssl_EVP_MD_CTX_free(EVP_MD_CTX *context);
int copenssl_EVP_DigestSignInit(EVP_MD_CTX *context, EVP_PKEY *key);
int copenssl_EVP_DigestSign(
    EVP_MD_CTX *context, unsigned char *signature, size_t *length, const unsigned char *message, size_t count);
int copenssl_EVP_DigestVerifyInit(EVP_MD_CTX *context, EVP_PKEY *key);
int copenssl_EVP_DigestVerify(
    EVP_MD_CTX *context, const unsigned char *signature, size_t length, const unsigned char *message, size_t count);
void copenssl_ERR_clear_error(void);

#endif
