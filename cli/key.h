/* SPDX-License-Identifier: ISC */
/* What key.c and key_add.c share. */
#ifndef KEY_H
#define KEY_H
#include "session.h"

/* Opens the vault to write by passphrase or key file or, for `recover`, by
 * recovery words or shares. */
enum carnet_status key_open(struct session *session, bool by_words);
/* Reports the slot and gives the exit code. */
int key_report(struct session *session, const char *slot, const char *text);

int key_add_keyfile(struct session *session);
int key_add_shares(struct session *session);
#endif
