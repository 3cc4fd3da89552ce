/* SPDX-License-Identifier: ISC */
/*
 * The launcher: a process forked before any secret is read, that never holds
 * a key and starts what carnet itself may not: a closed menu of programs.
 */
#ifndef LAUNCHER_H
#define LAUNCHER_H
#include "carnet_types.h"
#include "secret.h"

struct launcher;

/*
 * Forks the launcher.  libexec: the folder of carnet-reader and carnet-press,
 * or NULL: found beside this program (build tree) or where it was installed.
 */
enum carnet_status launcher_start(const char *libexec,
    struct launcher **ret_launcher, struct carnet_error *err);
void launcher_stop(struct launcher *launcher); /* NULL is fine */
/* After this the calling process can make no new socket, trace nothing and
 * execute nothing (seccomp, no_new_privs, not dumpable).  *ret_what is a
 * static text for doctor: which of these the kernel lacks; "" for none. */
enum carnet_status launcher_close_doors(
    const char **ret_what, struct carnet_error *err);

/* Gives the document's bytes in order; returns CARNET_OK after the last. */
typedef bool launcher_sink(
    void *sink_context, const uint8_t *bytes, size_t len);
typedef enum carnet_status launcher_source(void *context, launcher_sink *sink,
    void *sink_context, struct carnet_error *err);

struct reading {           /* a stranger's claims about one document */
	char type[64];     /* media type as sniffed, "application/pdf" */
	char document[16]; /* "lab", "letter"..., "" unknown: a guess */
	char reader[32];   /* reader and version, "text/1" */
	char *text;        /* UTF-8, no controls; NULL: none */
	size_t text_len;
	char *title;                 /* NULL: none */
	char date[CARNET_DATE_TEXT]; /* of the document, "" unknown */
	bool cut;                    /* text is only its beginning */
	char unread_code[32];     /* "" read; "no-reader": no reader for a kind;
				   * else it failed: "crashed", "timeout",
				   * "encrypted", "malformed", "no-sandbox"... */
	char unread_message[200]; /* English: a msgid */
};
/*
 * Has one document read by carnet-reader (and pdftotext for a PDF), one
 * process for it alone, confined.  A reader that fails is not an error
 * here: reading->unread_code says it.  The caller owns *ret_reading.
 */
enum carnet_status launcher_read(struct launcher *launcher,
    launcher_source *source, void *context, uint64_t size,
    struct reading **ret_reading, struct carnet_error *err);
void reading_free(struct reading *reading);

struct launcher_file {
	char tag[5]; /* FRAME_META, FRAME_TEXT, FRAME_PDF... */
	uint8_t *bytes;
	size_t len;
};
struct launcher_files {
	struct launcher_file *files;
	size_t len;
};
/* Sends frames to a new carnet-press and collects its answers up to END.
 * A FAIL frame becomes err.  The caller clears *ret_files. */
enum carnet_status launcher_press(struct launcher *launcher,
    const struct launcher_files *frames, struct launcher_files *ret_files,
    struct carnet_error *err);
void launcher_files_clear(struct launcher_files *files);

/* The pages of a proof as PNG pictures at `dpi` (pdftoppm for a PDF; a PNG or
 * JPEG as it is, checked).  CARNET_UNSUPPORTED: no picture of this kind. */
enum carnet_status launcher_pictures(struct launcher *launcher,
    launcher_source *source, void *context, const char *type, unsigned dpi,
    struct launcher_files *ret_files, struct carnet_error *err);

/* The first line that a shell command prints: a passphrase. */
enum carnet_status launcher_secret(struct launcher *launcher,
    const char *command, struct secret **ret_secret, struct carnet_error *err);
/* Whether the menu has this program ("pdftotext"), and where it is
 * installed: in Debian's folders, never by PATH. */
bool launcher_serves(const char *program);
bool launcher_find_program(const char *name, char path[4096]);
#endif
