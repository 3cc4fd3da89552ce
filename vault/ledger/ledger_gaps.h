/* SPDX-License-Identifier: ISC */
/*
 * Events that are missing: those that were found missing, and those that an
 * event "ledger.repaired" says are lost for good.  Reads no file.
 */
#ifndef LEDGER_GAPS_H
#define LEDGER_GAPS_H
#include "event.h"

#define LEDGER_REPAIRED "ledger.repaired"
#define LEDGER_GAP_TEXT 160

struct ledger_gap {
	uint8_t device[DEVICE_ID_LEN];
	uint64_t from, to; /* sequences, both included */
	bool is_known;     /* a repair wrote it down: no new damage */
	int64_t repaired;  /* when, milliseconds since 1970; if known */
};
struct ledger_gaps {
	struct ledger_gap *found, *known;
	size_t found_len, found_room;
	size_t known_len, known_room;
};

void ledger_gaps_clear(struct ledger_gaps *gaps);
enum carnet_status ledger_gaps_add(struct ledger_gaps *gaps,
    const uint8_t device[DEVICE_ID_LEN], uint64_t from, uint64_t to,
    struct carnet_error *err);
/* Takes the gaps out of a "ledger.repaired"; other events say nothing. */
enum carnet_status ledger_gaps_take(struct ledger_gaps *gaps,
    const struct event *event, struct carnet_error *err);
/* Whether each event of the gap is in a known one. */
bool ledger_gaps_explain(
    const struct ledger_gaps *gaps, const struct ledger_gap *gap);
/* The payload of a "ledger.repaired"; NULL without memory. */
cJSON *ledger_gaps_payload(const struct ledger_gap *gaps, size_t len);
/* "events 3 to 5 are missing" and the like, for a report. */
void ledger_gap_describe(
    const struct ledger_gap *gap, char text[LEDGER_GAP_TEXT]);
#endif
