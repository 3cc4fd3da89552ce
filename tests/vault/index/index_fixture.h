/* SPDX-License-Identifier: ISC */
/*
 * An index in memory, events made from short JSON, and what it answers; for
 * the tests of this folder.  All of it is synthetic.
 */
#ifndef INDEX_FIXTURE_H
#define INDEX_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs the ones before */

#include "index.h"

#define FIXTURE_CONTENT "{'size':'5','depth':0,'names':['" FIXTURE_NAME "']}"
#define FIXTURE_NAME                                                           \
	"aa00000000000000000000000000000000000000000000000000000000000000"

struct fixture {
	struct secret *master;
	struct keys *keys;
	struct index *index;
	struct index_answers answers;
	const char *answer; /* what every answer's content holds; NULL: lost */
	bool together;      /* in the transaction that the test has begun */
	uint64_t seq, position;
};

void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* Applies one event of the one device; payload: JSON with ' for ".  on: an
 * ISO date or NULL.  Returns the id (letter) that it makes. */
const char *fixture_apply(struct fixture *fixture, const char *kind,
    const char *on, const char *payload, ...)
    __attribute__((format(printf, 4, 5)));
/* A person and a document of theirs; owned statics, valid until the next. */
void fixture_people(struct fixture *fixture, char person[EVENT_ID_TEXT],
    char document[EVENT_ID_TEXT]);
/* Asserts that JSON is this, written with ' for ", and deletes it. */
void fixture_expect(cJSON *json, const char *expected, ...)
    __attribute__((format(printf, 2, 3)));
/* How many events were oddities: by the table's digest, none or some. */
bool fixture_is_odd(struct fixture *fixture);
/* One member of one object, as text; "" if it isn't there. */
const char *fixture_text(const cJSON *object, const char *key);
#endif
