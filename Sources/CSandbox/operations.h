#ifndef CSANDBOX_OPERATIONS_H
#define CSANDBOX_OPERATIONS_H

#include "include/csandbox.h"

// Does one operation with raw system calls only. 0 or the negated errno value.
long csandbox_perform(struct csandbox_step *step, const struct csandbox_operation *operation);

#endif
