/* SPDX-License-Identifier: ISC */
/*
 * One run of one verb: its options, the day, the vault it works on, and how
 * it speaks.  A verb's function returns an exit code.
 */
#ifndef SESSION_H
#define SESSION_H
#include <stdio.h>

#include "carnet.h"
#include "formats.h"
#include "launcher.h"
#include "options.h"
#include "secret.h"

#define _(text) CARNET_(text)
#define N_(text) CARNET_N_(text)
#define PLURAL_(one, many, count) CARNET_PLURAL_(one, many, count)

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_PARTIAL = 3,
	EXIT_NO_VAULT = 10,
	EXIT_LOCKED = 11,
	EXIT_WRONG_KEY = 12,
	EXIT_GUARD = 13,
	EXIT_FINDINGS = 14,
	EXIT_REFUSED = 20,
	EXIT_UNKNOWN = 21,
	EXIT_DAMAGED = 26,
	EXIT_INTERRUPTED = 130
};

struct session {
	const struct verb *verb;
	struct options *options;
	struct carnet_error err; /* of the step that failed last */
	struct carnet_vault *vault;
	struct launcher *launcher;
	struct letters *letters;      /* the catalogue; session_letters */
	const char *doors;            /* what the kernel lacks; "" nothing */
	char today[CARNET_DATE_TEXT]; /* --on, or the local date */
	char lang[3];                 /* of the interface: "fr", "en" */
	char vault_path[4096];
	char person[CARNET_ID_TEXT]; /* id; session_person */
	bool json, quiet, verbose, dry_run, no_wait;
	bool ask; /* for the secret, also when unlock keeps a key */
	bool result_printed;
	cJSON *warnings; /* held back with --json; NULL: none */
	bool confined;   /* to the files that were named (Landlock) */
};

/* The verb's own table row; verbs.c holds them all. */
enum verb_need {
	NEED_NOTHING,
	NEED_READ,
	NEED_NOTE, /* reads, and writes down what it did if it can */
	NEED_LIST, /* `VERB list`, or VERB alone, reads; all else writes */
	NEED_WRITE
};
struct verb {
	const char *name;
	const char *arguments; /* of the usage line, as typed: "PATH…" */
	const char *summary;   /* one line; a gettext msgid */
	enum verb_need need;   /* the vault: not opened, to read, to write */
	const struct option_row *options;
	int (*run)(struct session *session);
	const char *example; /* shown by help; "" none */
};
const struct verb *verb_find(const char *name);
extern const struct verb *const verbs[]; /* NULL at the end */

/* --- opening ------------------------------------------------------------- */
/* Asks for the secret that the options name (or the terminal) and opens the
 * vault.  main does it for NEED_READ, NEED_LIST and NEED_WRITE. */
enum carnet_status session_open_vault(
    struct session *session, enum carnet_access access);
/* For writing; where nothing can be written (a full disk, one that may only
 * be read), for reading, with a warning.  main does it for NEED_NOTE. */
enum carnet_status session_open_to_note(struct session *session);
/* Writes one event down for such a verb, with all that is queued; payload is
 * taken over.  Where nothing can be written a warning says so: what is on a
 * full or failing disk must come out of it all the same. */
enum carnet_status session_note(
    struct session *session, const char *kind, cJSON *payload);
/* A secret by the usual options: which is "passphrase" or "new-passphrase";
 * confirm: a terminal asks twice. */
enum carnet_status session_secret(struct session *session, const char *which,
    bool confirm, const char *prompt, struct secret **ret_secret);
/* Whether an option or the environment names where it comes from; else a
 * terminal is asked. */
bool session_secret_given(const struct session *session, const char *which);
/* The same for one that is set: a weak one is told and, at a terminal, asked
 * for once more.  persons: rows whose data make bad passphrases; NULL: none. */
enum carnet_status session_new_passphrase(struct session *session,
    const char *which, const cJSON *persons, struct secret **ret_passphrase);
/* The same for a file that is given away; by "new-passphrase". */
enum carnet_status session_file_passphrase(struct session *session,
    const cJSON *persons, struct secret **ret_passphrase);
/* The passphrase, or with --key-file the key made of that file. */
enum carnet_status session_unlock_with(
    struct session *session, struct carnet_unlock *ret_unlock);
/* Refuses one that others can read; a disk that keeps no file from anyone is
 * warned of. */
enum carnet_status key_file_check(
    struct session *session, int fd, const char *path);
enum carnet_status session_key_file(
    struct session *session, struct secret **ret_key);
/* The recovery words, or enough shares: --words-file or the terminal. */
enum carnet_status session_words(
    struct session *session, struct secret **ret_words);
/* What opens the vault, with no vault opened (check, repair, restore). */
enum carnet_status session_unlock(
    struct session *session, struct carnet_unlock *ret_unlock);
/* The key that unlock keeps of that vault; NULL: none, or the options name
 * another secret, or the verb asks all the same. */
struct secret *session_kept_key(
    const struct session *session, const char *vault_id);
void session_unlock_free(struct carnet_unlock *unlock);
/* --person or CARNET_PERSON names somebody: lists are of that person then. */
bool session_names_person(const struct session *session);
/* Fills session->person from --person or the vault's first one. */
enum carnet_status session_person(struct session *session);
/* The catalogue, loaded on first use. */
enum carnet_status session_letters(struct session *session);
/* For carnet_vault_open: says that another process is writing, waits unless
 * --no-wait. */
struct carnet_waiter session_waiter(struct session *session);
/*
 * Asks the guard about a folder (or the nearest one that exists above it).
 * plain: what will be written can be read by others; then cloud and remote
 * are CARNET_GUARD, unknown warns.  encrypted: only with to_cloud.
 */
enum carnet_status session_guard(
    struct session *session, const char *path, bool plain, bool to_cloud);
/*
 * The same, and hands over the folder that was judged, opened: what openat
 * makes there lies where the guard looked, whatever its path leads to by
 * then.  *ret_missing: the rest of the path, "" when all of it exists; the
 * caller closes and frees.
 */
enum carnet_status session_guard_open(struct session *session, const char *path,
    bool plain, bool to_cloud, int *ret_fd, char **ret_missing);
/* Asks the guard about a new folder for plain data, makes it beneath the one
 * that was judged, and opens it.  CARNET_GUARD, CARNET_EXISTS. */
enum carnet_status session_guard_folder(
    struct session *session, const char *path, int *ret_fd);
/* The same for the folder in which a new plain file will be; *ret_name: the
 * file's name, within path. */
enum carnet_status session_guard_file(struct session *session, const char *path,
    int *ret_fd, const char **ret_name);
/* Whether a secret is at hand that needs no question (a file, a command). */
bool session_has_secret(const struct session *session);

/* --- speaking ------------------------------------------------------------- */
/* A message to stderr, unless --quiet or --json: what was done, what to know.
 */
void session_say(struct session *session, const char *format, ...)
    CARNET_PRINTF(2, 3);
/* "carnet: warning: ..." to stderr, always; with --json it is held back, and
 * stands in the error object if there is one. */
void session_warn(struct session *session, const char *format, ...)
    CARNET_PRINTF(2, 3);
/* Says what was held back; at the end, unless an error object had it. */
void session_say_warnings(struct session *session);
/*
 * Reports session->err: "carnet: VERB: [object: ]message", then the hint;
 * with --json the error object.  object: a file's name or an id, or NULL.
 * Returns the exit code.
 */
int session_fail(struct session *session, const char *object);
/* The same; key and text stand in the error object besides (key NULL: none).
 */
int session_fail_with(struct session *session, const char *object,
    const char *key, const char *text);
/* The same for one item of several: text only, no exit code, no JSON. */
void session_item_fail(struct session *session, const char *object,
    const struct carnet_error *err);
/* Wrong usage: says it and how it goes; EXIT_USAGE. */
int session_usage(struct session *session, const char *message);
/* Ends a verb that has printed all it had to say: `code`, or EXIT_DAMAGED if
 * the vault met damage. */
int session_end(struct session *session, int code);
/* The same, with a result that --json prints (taken over; NULL: there was no
 * memory for it). */
int session_result(struct session *session, cJSON *result, int code);
int session_exit_code(enum carnet_status status);

/* --- text for people (print.c) ---------------------------------------------
 */
/* One line to stdout; control and bidi characters are made visible. */
void print_line(const char *format, ...) CARNET_PRINTF(1, 2);
/* The text itself, line breaks kept, controls made visible. */
void print_text(const char *text);
/* The text, controls made visible; keep_lines: but for line breaks. */
void print_safely(FILE *file, const char *text, bool keep_lines);
/* One text; a terminal gets it broken between words. */
void print_paragraph(FILE *file, const char *text);
/* Two columns, the left one padded to `width`: on a terminal the right one
 * is broken between words and goes on below itself. */
void print_entry(size_t width, const char *left, const char *text);
/* What the terminal shows of a text, in columns. */
size_t print_columns(const char *text);
/* How many columns a terminal has; 0: it is none. */
size_t print_terminal(FILE *file);
/* A word that programs know ("lab", "document.added"), as people read it; an
 * unknown one as it is. */
const char *print_word(const char *word);
/* A table of an array of objects, cut to the terminal's width (not when
 * piped).  columns end with key NULL. */
struct print_column {
	const char *key;
	const char *title; /* gettext msgid */
	bool right;        /* aligned right */
	bool wrap;         /* may be shortened first */
};
void print_table(const cJSON *rows, const struct print_column *columns);
/* "12,3 Mo" / "12.3 MB"; into a caller's buffer. */
void print_size(double bytes, char text[32]);
/* "5 mars 2026" / "5 March 2026" as the interface's language has it. */
void print_date(const struct session *session, const char *iso, char text[40]);
/* The same in 10 columns, for tables: "05/03/2026" / "2026-03-05". */
void print_day(const struct session *session, const char *iso, char text[16]);
/* For tables: the member of a row as print_day or print_word has it. */
void print_row_day(const struct session *session, cJSON *row, const char *key);
void print_row_word(cJSON *row, const char *key);
/* ISO local time of milliseconds since 1970: "2026-03-05T14:03:00+01:00". */
void print_time(double milliseconds, char text[40]);

/* --- JSON made short ---------------------------------------------------------
 */
/* Adders that keep going; a NULL text becomes JSON null. */
void json_add_text(cJSON *object, const char *key, const char *text);
void json_add_number(cJSON *object, const char *key, double number);
void json_add_bool(cJSON *object, const char *key, bool value);
void json_add(cJSON *object, const char *key, cJSON *value); /* taken over */
/* Puts an item, which is taken over, before that place of an array. */
void json_insert(cJSON *array, int place, cJSON *item);
/* Moves or copies a member of another object under the same key, if any. */
void json_copy(cJSON *object, const cJSON *from, const char *key);
const char *json_text(const cJSON *object, const char *key); /* "" if none */
#endif
