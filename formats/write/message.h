/* SPDX-License-Identifier: ISC */
/*
 * Header fields of a mail message: folded, and encoded where they aren't
 * plain ASCII (RFC 2047, RFC 2231).  Each line ends in CRLF.
 */
#ifndef MESSAGE_H
#define MESSAGE_H
#include <stdio.h>

#include "carnet_types.h"

/* "Subject: …": unstructured text; control characters become blanks. */
void message_text_field(FILE *out, const char *name, const char *text);
/* "To: Name <address>"; an empty name leaves the address alone. */
void message_address_field(
    FILE *out, const char *name, const char *display, const char *address);
/* "; filename=…" on a line of its own, as RFC 2231 wants it. */
void message_parameter(FILE *out, const char *name, const char *value);
/* Whether this can stand in To: local@domain, printable ASCII, nothing that
 * means something to a mail program. */
bool message_address_ok(const char *address);
/* Body parts: lines of at most 76 characters. */
void message_quoted_printable(FILE *out, const char *text);
void message_base64(FILE *out, const uint8_t *bytes, size_t len);

#endif
