/* SPDX-License-Identifier: ISC */
/*
 * Backups of a vault: made, listed, checked, restored.  A destination is a
 * folder of immutable files that any tool can carry (docs/format.md, "Backup").
 * Manners as in carnet.h; nothing here prints.
 */
#ifndef CARNET_BACKUP_H
#define CARNET_BACKUP_H

#include "carnet.h"

struct carnet_backup_options {
	const int *judged; /* the folder it must be in; NULL: any */
	bool to_cloud;     /* written down in the ledger */
	bool dry_run;      /* says what would be copied, writes nothing */
	bool read_data;    /* reads every pack there, to see if it is whole */
	const char *today; /* ISO date */
	const struct carnet_waiter *waiter; /* for the destination's lock */
	carnet_progress *progress;          /* bytes; may be NULL */
	void *context;
};
/*
 * Backs an open vault up.  One that is open for reading is backed up as it is,
 * and its ledger doesn't say so.  Copies what the folder lacks or has
 * otherwise: packs by their size and checksum, with read_data byte for byte as
 * all else; at whatever point it is interrupted, all snapshots that were there
 * stay whole. {snapshot, new_bytes, total_bytes, packs_new, seconds,
 * warnings[], problems[{kind, id, detail}]}; snapshot is null in a dry run.
 * problems: manifests of older snapshots that don't open.
 *
 * CARNET_EXISTS: the folder holds something else.  CARNET_INVALID: a backup
 * of another vault, or folder and vault lie in one another.  CARNET_LOCKED:
 * another backup runs there and the waiter said no.  CARNET_DAMAGED: a pack
 * or the ledger is damaged, or the folder has seen events of this device, or
 * what this device had of others, that the vault lacks: no snapshot was made.
 */
enum carnet_status carnet_backup_make(struct carnet_vault *vault,
    const char *path, const struct carnet_backup_options *options,
    cJSON **ret_report, struct carnet_error *err);

struct carnet_backup;

/* Whether a backup is there, before any secret is asked for.
 * CARNET_NO_VAULT, CARNET_NEWER. */
enum carnet_status carnet_backup_probe(
    const char *path, struct carnet_error *err);
/* The same; text: the id that the folder's marker names, as
 * carnet_vault_probe_id has it, "" where there is no marker.  Anyone who can
 * write there can name any. */
enum carnet_status carnet_backup_probe_id(
    const char *path, char text[33], struct carnet_error *err);
/*
 * Opens a destination, with no vault at hand: by a header there that the
 * secret opens, however many others lie beside it.  CARNET_NO_VAULT,
 * CARNET_WRONG_KEY, CARNET_DAMAGED (no header is whole), CARNET_NEWER.
 */
enum carnet_status carnet_backup_open(const char *path,
    const struct carnet_unlock *unlock, struct carnet_backup **ret_backup,
    struct carnet_error *err);
void carnet_backup_close(struct carnet_backup *backup); /* NULL is fine */
/*
 * Oldest first: [{id, time_ms, device, packs, documents, events, bytes}].
 * *ret_problems: [{kind, id, detail}], manifests that don't open.
 * *ret_forks: ids of snapshots that no other goes on from, the newest last;
 * empty unless copies of the vault were used apart.
 */
enum carnet_status carnet_backup_list(struct carnet_backup *backup,
    cJSON **ret_array, cJSON **ret_forks, cJSON **ret_problems,
    struct carnet_error *err);
/*
 * Changes nothing.  Every manifest opens; what it names is there, with the
 * right size and checksum.  read_data: every chunk opens, and the ledger of
 * every snapshot finds the chunks of every document.
 * {ok, packs, documents, problems[{kind, id, detail}]}.
 */
enum carnet_status carnet_backup_check(struct carnet_backup *backup,
    bool read_data, carnet_progress *progress, void *context,
    cJSON **ret_report, struct carnet_error *err);

/*
 * Which snapshots stay; 0 everywhere: all of them.  Of each branch (several
 * devices, copies of a vault that were used apart) the newest stays anyway.
 */
struct carnet_keep_policy {
	unsigned last, daily, weekly, monthly, yearly;
	struct {
		int years, months, days, hours; /* before the newest one */
	} within;
};
struct carnet_forget_options {
	struct carnet_keep_policy policy;
	int64_t now_ms; /* what to call now */
	bool dry_run;   /* says what would be done, writes nothing */
	const struct carnet_waiter *waiter; /* for the destination's lock */
	carnet_progress *progress;          /* bytes deleted; may be NULL */
	void *context;
};
/*
 * Forgets snapshots, in two phases: what nothing needs any more is condemned,
 * and deleted by a later run, 30 days later at the earliest, if then it still
 * isn't needed.  At whatever point it is interrupted, all snapshots that stay
 * are whole.  {kept[{id, time_ms, reasons[]}], forgotten[{id, time_ms}],
 * condemned{files, bytes}, deleted{files, bytes, snapshots}, waiting{files,
 * bytes}, until_ms, late, unlocked, problems[{kind, id, detail}]}.
 *
 * problems: manifests or lists that don't open, files that a snapshot lacks
 * that stays; then nothing was condemned or deleted.  late: a snapshot came
 * while it was deleting, the rest waits.  unlocked: a disk without locks,
 * where nothing is deleted.  CARNET_LOCKED: somebody writes there.
 */
enum carnet_status carnet_backup_forget(struct carnet_backup *backup,
    const struct carnet_forget_options *options, cJSON **ret_report,
    struct carnet_error *err);
/* Snapshots that are forgotten, and still there: [{id, until_ms}], which the
 * list and check count no more, restore still takes by their id.  problems:
 * lists that don't open are added to it. */
enum carnet_status carnet_backup_forgotten(struct carnet_backup *backup,
    cJSON **ret_array, cJSON *problems, struct carnet_error *err);

struct carnet_copy_options {
	const int *judged; /* the folder the copy must be in; NULL: any */
	bool dry_run;
	const struct carnet_waiter *waiter; /* for both folders' locks */
	carnet_progress *progress;          /* bytes; may be NULL */
	void *context;
};
/*
 * Copies a backup to another folder, without any key: what is there already
 * stays, what is hurt is not copied.  Cut off, it is resumed by calling it
 * again.  {snapshots, packs, packs_new, new_bytes, total_bytes, seconds,
 * problems[{kind, id, detail}]}; problems: what is hurt in the first folder.
 *
 * CARNET_NO_VAULT: no backup in the first folder.  CARNET_EXISTS: the second
 * holds something else.  CARNET_INVALID: a backup of another vault, or one
 * folder lies in the other.  CARNET_LOCKED.
 */
enum carnet_status carnet_backup_copy(const char *from, const char *to,
    const struct carnet_copy_options *options, cJSON **ret_report,
    struct carnet_error *err);

struct carnet_restore_options {
	const char *snapshot; /* an id's unique prefix; NULL: the newest */
	const char *to;       /* absent, empty, or left by a cut-off restore */
	const int *judged;    /* the folder it must be in; NULL: any */
	/* Instead of all passphrases: NULL keeps those of the snapshot. */
	const struct secret *new_passphrase;
	const char *today; /* ISO date */
	bool dry_run;      /* chooses and counts, writes nothing */
	carnet_progress *progress;
	void *context;
};
/*
 * Makes the vault of a snapshot, with the header it had then.  Not a vault
 * until the last file is there; a restore that was cut off is begun anew.
 * {vault, snapshot, documents, events, bytes, other_header, forks[],
 * problems[{kind, id, detail}]}: forks as in a list, if the newest was to be
 * found; problems is what is damaged or missing in the backup, the
 * rest is restored.  other_header: the header isn't the one that opened the
 * backup, so other passphrases may open this vault.
 *
 * CARNET_NO_VAULT: no snapshot there.  CARNET_NOT_FOUND, CARNET_AMBIGUOUS: the
 * id. CARNET_EXISTS: a vault or something else is at `to`.  CARNET_LOCKED:
 * another restore is writing there.
 */
enum carnet_status carnet_backup_restore(struct carnet_backup *backup,
    const struct carnet_restore_options *options, cJSON **ret_report,
    struct carnet_error *err);

#endif
