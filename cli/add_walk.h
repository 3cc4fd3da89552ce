/* SPDX-License-Identifier: ISC */
/* Walking what `add` is given, without following any link. */
#ifndef ADD_WALK_H
#define ADD_WALK_H
#include "carnet_types.h"

/* An opened regular file; what isn't CARNET_OK stops the walk. */
typedef enum carnet_status add_walk_visit(
    void *context, const char *path, int fd);
/* A file that is refused or can't be opened; the walk goes on. */
typedef void add_walk_refuse(
    void *context, const char *path, const struct carnet_error *err);

/* A file, or a folder and all below it in the order of names. */
enum carnet_status add_walk(const char *path, add_walk_visit *visit,
    add_walk_refuse *refuse, void *context);
/* Copies text, with bytes that aren't UTF-8 written as \xNN. */
void text_valid_utf8(const char *text, char *copy, size_t len);
/* Adds how much there is at a path; "-" has no size. */
void add_walk_count(const char *path, uint64_t *bytes, uint64_t *files);
#endif
