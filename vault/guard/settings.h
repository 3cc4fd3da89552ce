/* SPDX-License-Identifier: ISC */
/*
 * Values out of other programs' configuration files, one function a kind of
 * file.  Strict and bounded: a file that is strange gives nothing (of XML,
 * what stands before the fault).  Doesn't know which programs there are.
 */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "carnet_types.h"

#define SETTINGS_TEXT_MAX ((size_t)1 << 20)
#define SETTINGS_LINE_MAX ((size_t)8192)
#define SETTINGS_VALUES_MAX 4096 /* of one file */

/* Gets one value, never with a NUL inside; false stops the reading. */
typedef bool (*settings_sink)(const char *value, void *context);

/* Readers of text: `text` has `len` bytes and a NUL after them. */
typedef void (*settings_reader)(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);

/* "section/key" globs; quotes around a value are taken off. */
void settings_ini(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);
/* The same as QSettings writes it: \xe9, "a, b", percent in keys kept. */
void settings_qt(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);
/* A pointer, RFC 6901 without escapes, whose parts are globs; a last part
 * "=" gives the names of the members. */
void settings_json(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);
/* "root/child@attribute", the whole way from the root. */
void settings_xml(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);
/* Every line that isn't empty; key is not used. */
void settings_lines(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);

/* The values of a key wherever it stands, and the items of a list under it;
 * a subset of YAML. */
void settings_yaml(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);
/* GNOME's key file, as "section/key"; of a list every text. */
void settings_keyfile(const char *text, size_t len, const char *key,
    settings_sink sink, void *context);

/* Reads a regular file of at most SETTINGS_TEXT_MAX bytes, without NULs;
 * NULL otherwise.  The caller frees. */
char *settings_load(const char *path, size_t *ret_len);

/* A database: key is "table.column" or "table.column?other=value".  Values
 * that were written but not yet checkpointed (-wal) count too. */
void settings_sqlite(
    const char *path, const char *key, settings_sink sink, void *context);

/* The database of dconf: key is "/org/gnome/..."; a text, or every text of a
 * list. */
void settings_dconf(
    const char *path, const char *key, settings_sink sink, void *context);

#endif
