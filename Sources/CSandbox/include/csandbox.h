#ifndef CSANDBOX_H
#define CSANDBOX_H

typedef int csandbox_placeholder;

#endif
