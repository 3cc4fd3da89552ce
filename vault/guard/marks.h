/* SPDX-License-Identifier: ISC */
/* What sync clients leave in the folders they carry away: files, and (weak)
 * extended attributes and the folder's name. */
#ifndef MARKS_H
#define MARKS_H
#include "inquiry.h"

/* Looks in the directory and in every folder above it. */
void marks_judge(struct inquiry *inquiry);
/*
 * Names alone: `verdict` if a folder of `path` is called like a provider's.
 * Under the home only its direct children count (a checkout of a client's
 * sources is not its folder).
 */
void marks_judge_names(
    struct inquiry *inquiry, const char *path, enum guard_verdict verdict);

#endif
