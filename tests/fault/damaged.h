/* SPDX-License-Identifier: ISC */
/* The vault and the backup that are hurt, and what is asked after a hurt. */
#ifndef DAMAGED_H
#define DAMAGED_H
#include <sys/types.h>

#include "place.h"

#define DAMAGED_FILES 64
#define DAMAGED_DOCUMENTS 3 /* numbers 0 to 2, in one pack */

struct damaged_files { /* below work/: "vault/device" */
	char names[DAMAGED_FILES][PLACE_PATH];
	size_t len;
};

/* A vault with `len` documents from number `first`; place->master opens it. */
void damaged_make_vault(
    struct place *place, const char *path, unsigned first, unsigned len);
/* The vault, its backup, and both as the template; lists their files. */
void damaged_make_template(struct place *place, struct damaged_files *files);

bool damaged_in_backup(const char *file);
bool damaged_is_pack(const char *file);
bool damaged_is_index(const char *file);
void damaged_path(
    const struct place *place, const char *file, char ret[2 * PLACE_PATH]);

/* One bit of this byte; the same again puts it back. */
void damaged_flip(const char *path, off_t at);
/* check, of all that is there, says that something is wrong. */
bool damaged_detected(struct place *place, const char *file);
/* Every document, and nothing that check would name, there or in the backup. */
bool damaged_is_whole(struct place *place);
/* How many documents are whole; -1: one came back as something else. */
int damaged_whole(
    struct place *place, const char *path, struct carnet_error *err);
/* The same of what the backup gives back. */
int damaged_restored(struct place *place, struct carnet_error *err);
#endif
