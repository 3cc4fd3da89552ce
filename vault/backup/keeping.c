/* SPDX-License-Identifier: ISC */
/*
 * Policies over snapshots: which branch each is in, which of a branch are the
 * last, the daily, the weekly ones.  The contract is keeping.h's.
 */
#include "keeping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum carnet_status
keeping_add(struct keeping *keeping, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	struct keeping_row row = { .lamport = snapshot_lamport(snapshot),
		.made = snapshot->made,
		.heads_len = snapshot->heads_len };

	if (keeping->len == keeping->room) {
		size_t room = keeping->room == 0 ? 32 : 2 * keeping->room;
		struct keeping_row *rows =
		    reallocarray(keeping->rows, room, sizeof(*rows));

		if (rows == NULL)
			return carnet_fail_errno(err, ENOMEM, "backup");
		keeping->rows = rows;
		keeping->room = room;
	}
	row.heads = calloc(row.heads_len + 1, sizeof(*row.heads));
	if (row.heads == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	if (row.heads_len > 0)
		memcpy(row.heads, snapshot->heads,
		    row.heads_len * sizeof(*row.heads));
	memcpy(row.id, snapshot->id, sizeof(row.id));
	memcpy(row.device, snapshot->device, DEVICE_ID_LEN);
	keeping->rows[keeping->len++] = row;
	return CARNET_OK;
}

void
keeping_clear(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->len; i++)
		free(keeping->rows[i].heads);
	free(keeping->rows);
	memset(keeping, 0, sizeof(*keeping));
}

const struct keeping_row *
keeping_find(const struct keeping *keeping, const char *id)
{
	for (size_t i = 0; i < keeping->len; i++)
		if (strcmp(keeping->rows[i].id, id) == 0)
			return &keeping->rows[i];
	return NULL;
}

/* --- who goes on from whom --------------------------------------------------
 */

static int
keeping_compare(const void *left, const void *right)
{
	const struct keeping_row *a = left, *b = right;

	if (a->lamport != b->lamport)
		return a->lamport < b->lamport ? -1 : 1;
	if (a->made != b->made)
		return a->made < b->made ? -1 : 1;
	return strcmp(a->id, b->id);
}

static bool
keeping_goes_on(
    const struct keeping_row *later, const struct keeping_row *earlier)
{
	return snapshot_goes_on(
	    later->heads, later->heads_len, earlier->heads, earlier->heads_len);
}

void
keeping_judge(struct keeping *keeping)
{
	struct keeping_row *rows = keeping->rows;

	if (keeping->len > 1)
		qsort(rows, keeping->len, sizeof(*rows), keeping_compare);
	for (size_t i = 0; i < keeping->len; i++) {
		bool is_covered = false;

		for (size_t j = i + 1;
		     rows[i].is_condemned && !is_covered && j < keeping->len;
		     j++)
			is_covered = !rows[j].is_condemned &&
				     keeping_goes_on(&rows[j], &rows[i]);
		rows[i].is_live = !is_covered;
	}
}

/* --- policies ---------------------------------------------------------------
 */

static bool
keeping_has_within(const struct carnet_keep_policy *policy)
{
	return policy->within.years > 0 || policy->within.months > 0 ||
	       policy->within.days > 0 || policy->within.hours > 0;
}

bool
keeping_policy_is_empty(const struct carnet_keep_policy *policy)
{
	return policy->last == 0 && policy->daily == 0 && policy->weekly == 0 &&
	       policy->monthly == 0 && policy->yearly == 0 &&
	       !keeping_has_within(policy);
}

/* What day, week, month or year a moment is in, here. */
static void
keeping_bucket(int64_t made, const char *format, char text[24])
{
	time_t seconds = (time_t)(made / 1000);
	struct tm local;

	text[0] = '\0';
	if (localtime_r(&seconds, &local) != NULL &&
	    strftime(text, 24, format, &local) == 0)
		text[0] = '\0';
}

/* The moment so long before another, by the calendar. */
static int64_t
keeping_before(int64_t made, const struct carnet_keep_policy *policy)
{
	time_t seconds = (time_t)(made / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL)
		return INT64_MIN;
	local.tm_year -= policy->within.years;
	local.tm_mon -= policy->within.months;
	local.tm_mday -= policy->within.days;
	local.tm_hour -= policy->within.hours;
	local.tm_isdst = -1;
	return (int64_t)mktime(&local) * 1000;
}

struct keeping_rule { /* one of a policy, along one branch */
	enum keeping_reason reason;
	const char *format; /* of strftime; NULL: each counts */
	unsigned left;
	char bucket[24];
};

static void
keeping_row_keep(struct keeping_row *row, struct keeping_rule *rule)
{
	char bucket[24] = "";

	if (rule->left == 0)
		return;
	if (rule->format != NULL) {
		keeping_bucket(row->made, rule->format, bucket);
		if (strcmp(bucket, rule->bucket) == 0 && bucket[0] != '\0')
			return;
	}
	memcpy(rule->bucket, bucket, sizeof(bucket));
	rule->left--;
	row->is_kept = true;
	row->reasons |= rule->reason;
}

/* The branch that ends with `end`, from its newest to its oldest. */
static void
keeping_branch(struct keeping *keeping, size_t end,
    const struct carnet_keep_policy *policy)
{
	struct keeping_rule rules[] = {
		{ KEEPING_LAST, NULL, policy->last, "" },
		{ KEEPING_DAILY, "%Y-%m-%d", policy->daily, "" },
		{ KEEPING_WEEKLY, "%G-%V", policy->weekly, "" },
		{ KEEPING_MONTHLY, "%Y-%m", policy->monthly, "" },
		{ KEEPING_YEARLY, "%Y", policy->yearly, "" },
	};
	struct keeping_row *newest = &keeping->rows[end];
	int64_t since = keeping_before(newest->made, policy);

	newest->is_kept = true;
	for (size_t i = end + 1; i-- > 0;) {
		struct keeping_row *row = &keeping->rows[i];

		if (!row->is_live || !keeping_goes_on(newest, row))
			continue;
		for (size_t j = 0; j < sizeof(rules) / sizeof(rules[0]); j++)
			keeping_row_keep(row, &rules[j]);
		if (keeping_has_within(policy) && row->made >= since) {
			row->is_kept = true;
			row->reasons |= KEEPING_WITHIN;
		}
	}
}

void
keeping_apply(struct keeping *keeping, const struct carnet_keep_policy *policy)
{
	bool keep_all = keeping_policy_is_empty(policy);

	for (size_t i = 0; i < keeping->len; i++) {
		struct keeping_row *row = &keeping->rows[i];
		bool is_end = row->is_live;

		if (keep_all) {
			row->is_kept = row->is_live;
			continue;
		}
		for (size_t j = i + 1; is_end && j < keeping->len; j++)
			is_end = !keeping->rows[j].is_live ||
				 !keeping_goes_on(&keeping->rows[j], row);
		if (is_end)
			keeping_branch(keeping, i, policy);
	}
}
