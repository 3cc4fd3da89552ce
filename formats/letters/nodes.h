/* SPDX-License-Identifier: ISC */
/*
 * A template as it is parsed: what template.c makes and fill.c walks.
 * Not for others: template.h is.
 */
#ifndef LETTERS_NODES_H
#define LETTERS_NODES_H
#include "template.h"

#define TEMPLATE_KEYS 4
#define TEMPLATE_NAME 64

enum node_kind { NODE_TEXT, NODE_FIELD, NODE_IF, NODE_UNLESS, NODE_PART };

struct node {
	enum node_kind kind;
	const char *start; /* the text, or the name */
	size_t len;
	size_t end; /* NODE_IF, NODE_UNLESS: the first node behind it */
};

struct nodes {
	struct node *items;
	size_t len, cap;
};

struct letter_template {
	char *name;
	struct {
		const char *key;
		size_t key_len;
		struct nodes value;
	} keys[TEMPLATE_KEYS];
	size_t keys_len;
	struct nodes body;
};

/* Fills err: this template, and what is wrong in it. */
enum carnet_status template_bad(
    const char *name, const char *what, struct carnet_error *err);
#endif
