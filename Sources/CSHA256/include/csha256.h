// SHA-256 by OpenSSL where there is much to hash, and by a few lines of C where there is little: to load libcrypto takes
// longer than all that an unchanged build hashes. Both keep the state of a hash in the same structure, so that one may
// go on where the other stopped.
#ifndef CSHA256_H
#define CSHA256_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stddef.h>

// A hash of nothing yet.
void csha256_init(SHA256_CTX *context);

// Takes bytes in. Once this process has hashed many, libcrypto is loaded for the rest; where there is none, the rest only
// takes longer.
void csha256_update(SHA256_CTX *context, const void *bytes, size_t count);

// Writes the digest, 32 bytes; the context is of no use any more.
void csha256_final(unsigned char *digest, SHA256_CTX *context);

// Takes bytes in without libcrypto, however many there are: what the tests hold against it.
void csha256_update_here(SHA256_CTX *context, const void *bytes, size_t count);

#endif
