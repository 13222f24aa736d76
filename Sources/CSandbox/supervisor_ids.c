#include "supervisor_ids.h"
#include "supervisor.h"

static const struct identity first_identity;

const struct identity *identity_of(struct supervisor *s, uint32_t tid) {
    (void)s, (void)tid;
    return &first_identity;
}

int identity_call(struct supervisor *s, const struct seccomp_notif *notice, int call, int64_t *result) {
    (void)s, (void)notice, (void)call, (void)result;
    return 0;
}

int identity_begin(struct supervisor *s, const struct identity *first) {
    (void)s, (void)first;
    return 0;
}

void identity_end(struct supervisor *s) { (void)s; }

long identity_mark_first(struct supervisor *s) {
    (void)s;
    return 0;
}
