/* SPDX-License-Identifier: ISC */
/* doctor: its checks, by what they look at.  The table is in doctor.c. */
#ifndef DOCTOR_H
#define DOCTOR_H
#include "session.h"

struct doctor {
	struct session *session;
	cJSON *checks; /* [{id, ok, detail}] */
	bool findings; /* something is worth fixing */
};
/* One check's outcome; the text also says what to do when it isn't ok. */
void doctor_note(struct doctor *doctor, const char *id, bool ok,
    const char *format, ...) CARNET_PRINTF(4, 5);

/* What this process can no longer do, tried in a child of its own. */
void doctor_doors(struct doctor *doctor);
/* Locked memory, swap, randomness, the kernel's keyring. */
void doctor_memory(struct doctor *doctor);
/* carnet-reader, carnet-press, and the programs of the launcher's menu. */
void doctor_programs(struct doctor *doctor);
/* The vault's folder, its file system, who else sees it, the clock. */
void doctor_place(struct doctor *doctor);

/* --- file systems (doctor_file_system.c) -------------------------------------
 */
/*
 * Whether something is known against the file system of this number
 * (statfs.f_type).  *ret_text: what it can't promise, a msgid.
 */
bool doctor_file_system(
    uint32_t magic, const char **ret_name, const char **ret_text);

/* --- swap (doctor_swap.c) ---------------------------------------------------
 */
enum doctor_swap { SWAP_NONE, SWAP_ENCRYPTED, SWAP_PLAIN, SWAP_UNKNOWN };
/*
 * What the lines of /proc/swaps (`swaps`) lie on, by `sys` ("/sys").
 * device: the first that isn't encrypted, "" otherwise.
 */
enum doctor_swap doctor_swap(
    const char *swaps, const char *sys, char device[256]);
#endif
