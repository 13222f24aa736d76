#include "cchutes.h"

// C23's #embed keeps the files as people write them; clang has it in every language mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char define[] = {
#embed "define.py"
};
static const unsigned char chutes_package[] = {
#embed "chutes/__init__.py"
};
static const unsigned char chutes_choice[] = {
#embed "chutes/_choice.py"
};
static const unsigned char chutes_definition[] = {
#embed "chutes/_definition.py"
};
static const unsigned char chutes_trouble[] = {
#embed "chutes/_trouble.py"
};
static const unsigned char chutes_chute_init[] = {
#embed "chutes/chute/__init__.py"
};
static const unsigned char chutes_chute_chute[] = {
#embed "chutes/chute/_chute.py"
};
static const unsigned char chutes_chute_node_selector[] = {
#embed "chutes/chute/_node_selector.py"
};
static const unsigned char chutes_image_init[] = {
#embed "chutes/image/__init__.py"
};
static const unsigned char chutes_image_build[] = {
#embed "chutes/image/_build.py"
};
static const unsigned char chutes_image_errors[] = {
#embed "chutes/image/_errors.py"
};
static const unsigned char chutes_image_image[] = {
#embed "chutes/image/_image.py"
};
static const unsigned char chutes_image_plan[] = {
#embed "chutes/image/_plan.py"
};
static const unsigned char chutes_image_rules[] = {
#embed "chutes/image/_rules.py"
};
static const unsigned char chutes_image_source[] = {
#embed "chutes/image/_source.py"
};
static const unsigned char chutes_image_state[] = {
#embed "chutes/image/_state.py"
};
static const unsigned char chutes_image_steps[] = {
#embed "chutes/image/_steps.py"
};

#define FILE(path, name) {path, name, sizeof name}

static const struct cchutes_file files[] = {
    FILE("define.py", define),
    FILE("chutes/__init__.py", chutes_package),
    FILE("chutes/_choice.py", chutes_choice),
    FILE("chutes/_definition.py", chutes_definition),
    FILE("chutes/_trouble.py", chutes_trouble),
    FILE("chutes/chute/__init__.py", chutes_chute_init),
    FILE("chutes/chute/_chute.py", chutes_chute_chute),
    FILE("chutes/chute/_node_selector.py", chutes_chute_node_selector),
    FILE("chutes/image/__init__.py", chutes_image_init),
    FILE("chutes/image/_build.py", chutes_image_build),
    FILE("chutes/image/_errors.py", chutes_image_errors),
    FILE("chutes/image/_image.py", chutes_image_image),
    FILE("chutes/image/_plan.py", chutes_image_plan),
    FILE("chutes/image/_rules.py", chutes_image_rules),
    FILE("chutes/image/_source.py", chutes_image_source),
    FILE("chutes/image/_state.py", chutes_image_state),
    FILE("chutes/image/_steps.py", chutes_image_steps),
};

size_t cchutes_count(void) { return sizeof files / sizeof files[0]; }

struct cchutes_file cchutes_file(size_t index) {
    return index < cchutes_count() ? files[index] : (struct cchutes_file){0, 0, 0};
}
