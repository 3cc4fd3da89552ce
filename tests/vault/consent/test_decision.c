/* SPDX-License-Identifier: ISC */
/*
 * May they, and since when: every kind of decision alone, together, taken
 * back, superseded, on days before, between and after.
 */
#include "french.h"

static const char *const research[] = { "HRESCH" };
static const char *const both[] = { "HRESCH", "HMARKT" };

#define RESEARCH .purposes = research, .purposes_len = 1
#define BOTH .purposes = both, .purposes_len = 2
#define PDS .recipient = "fr/pds"
#define ON(y, m, d)                                                            \
	{                                                                      \
		(y), (m), (d)                                                  \
	}

struct question {
	const char *name;
	struct decision decisions[4];
	size_t len;
	const char *recipient, *purpose, *on;
	enum may_answer answer;
	unsigned used; /* bit i: decision i decides */
};

/* clang-format off */
#define REFUSE_ALL { .id = "c1", .kind = DECISION_REFUSE, PDS, \
	.made = ON(2026, 3, 5) }
#define REFUSE_RESEARCH { .id = "c1", .kind = DECISION_REFUSE, PDS, RESEARCH, \
	.made = ON(2026, 3, 5) }
#define ALLOW_ALL { .id = "c2", .kind = DECISION_ALLOW, PDS, \
	.made = ON(2026, 3, 10) }
#define ALLOW_RESEARCH { .id = "c2", .kind = DECISION_ALLOW, PDS, RESEARCH, \
	.scope = "all", .made = ON(2026, 3, 10) }
#define DECLINE(d) { .id = "c3", .kind = DECISION_DECLINE, PDS, \
	.made = ON(2026, 3, d) }

static const struct question questions[] = {
	/* nothing */
	{ "nothing decided", { REFUSE_ALL }, 0, "fr/pds", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "another body", { REFUSE_ALL }, 1, "fr/cnam", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "an id's beginning", { REFUSE_ALL }, 1, "fr/pd", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "an id below", { REFUSE_ALL }, 1, "fr/pds/x", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "the case of an id", { ALLOW_ALL }, 1, "FR/pds", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	/* refusals */
	{ "refused", { REFUSE_ALL }, 1, "fr/pds", NULL, "2026-04-01",
	    MAY_REFUSED, 1 },
	{ "refused, one purpose asked", { REFUSE_ALL }, 1, "fr/pds", "HMARKT",
	    "2026-04-01", MAY_REFUSED, 1 },
	{ "refused on the day", { REFUSE_ALL }, 1, "fr/pds", NULL,
	    "2026-03-05", MAY_REFUSED, 1 },
	{ "the day before", { REFUSE_ALL }, 1, "fr/pds", NULL, "2026-03-04",
	    MAY_UNKNOWN, 0 },
	{ "no day", { REFUSE_ALL }, 1, "fr/pds", NULL, "", MAY_UNKNOWN, 0 },
	{ "one purpose refused and asked", { REFUSE_RESEARCH }, 1, "fr/pds",
	    "HRESCH", "2026-04-01", MAY_REFUSED, 1 },
	{ "one purpose refused, another asked", { REFUSE_RESEARCH }, 1,
	    "fr/pds", "HMARKT", "2026-04-01", MAY_UNKNOWN, 0 },
	{ "one purpose refused, anything asked", { REFUSE_RESEARCH }, 1,
	    "fr/pds", NULL, "2026-04-01", MAY_REFUSED, 1 },
	{ "the second purpose", { { .id = "c1", .kind = DECISION_REFUSE, PDS,
		BOTH, .made = ON(2026, 3, 5) } }, 1, "fr/pds", "HMARKT",
	    "2026-04-01", MAY_REFUSED, 1 },
	{ "a part of the data refused", { { .id = "c1",
		.kind = DECISION_REFUSE, PDS, .scope = "genetic",
		.made = ON(2026, 3, 5) }, ALLOW_ALL }, 2, "fr/pds", "HRESCH",
	    "2026-04-01", MAY_REFUSED, 1 },
	{ "from a later day, before", { { .id = "c1", .kind = DECISION_REFUSE,
		PDS, .made = ON(2026, 3, 5), .from = ON(2026, 6, 1) } }, 1,
	    "fr/pds", NULL, "2026-05-31", MAY_UNKNOWN, 0 },
	{ "from a later day, then", { { .id = "c1", .kind = DECISION_REFUSE,
		PDS, .made = ON(2026, 3, 5), .from = ON(2026, 6, 1) } }, 1,
	    "fr/pds", NULL, "2026-06-01", MAY_REFUSED, 1 },
	{ "from before it was made", { { .id = "c1", .kind = DECISION_REFUSE,
		PDS, .made = ON(2026, 3, 5), .from = ON(2020, 1, 1) } }, 1,
	    "fr/pds", NULL, "2026-03-04", MAY_UNKNOWN, 0 },
	{ "until, the last day", { { .id = "c1", .kind = DECISION_REFUSE, PDS,
		.made = ON(2026, 3, 5), .until = ON(2026, 12, 31) } }, 1,
	    "fr/pds", NULL, "2026-12-31", MAY_REFUSED, 1 },
	{ "until, the day after", { { .id = "c1", .kind = DECISION_REFUSE, PDS,
		.made = ON(2026, 3, 5), .until = ON(2026, 12, 31) } }, 1,
	    "fr/pds", NULL, "2027-01-01", MAY_UNKNOWN, 0 },
	/* consents */
	{ "allowed", { ALLOW_ALL }, 1, "fr/pds", NULL, "2026-04-01",
	    MAY_PERMITTED, 1 },
	{ "allowed, one purpose asked", { ALLOW_ALL }, 1, "fr/pds", "HRESCH",
	    "2026-04-01", MAY_PERMITTED, 1 },
	{ "before it was allowed", { ALLOW_ALL }, 1, "fr/pds", NULL,
	    "2026-03-09", MAY_UNKNOWN, 0 },
	{ "one purpose allowed and asked", { ALLOW_RESEARCH }, 1, "fr/pds",
	    "HRESCH", "2026-04-01", MAY_PERMITTED, 1 },
	{ "one purpose allowed, another asked", { ALLOW_RESEARCH }, 1,
	    "fr/pds", "HMARKT", "2026-04-01", MAY_UNKNOWN, 0 },
	{ "one purpose allowed, anything asked", { ALLOW_RESEARCH }, 1,
	    "fr/pds", NULL, "2026-04-01", MAY_UNKNOWN, 1 },
	{ "a part of the data allowed", { { .id = "c2", .kind = DECISION_ALLOW,
		PDS, .scope = "lab", .made = ON(2026, 3, 5) } }, 1, "fr/pds",
	    "HRESCH", "2026-04-01", MAY_UNKNOWN, 1 },
	{ "allowed until, after", { { .id = "c2", .kind = DECISION_ALLOW, PDS,
		.made = ON(2026, 3, 5), .until = ON(2026, 3, 6) } }, 1,
	    "fr/pds", NULL, "2026-03-07", MAY_UNKNOWN, 0 },
	/* the stricter wins */
	{ "refused, allowed later", { REFUSE_ALL, ALLOW_ALL }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_REFUSED, 1 },
	{ "allowed, refused for one purpose", { ALLOW_ALL, REFUSE_RESEARCH },
	    2, "fr/pds", "HRESCH", "2026-04-01", MAY_REFUSED, 2 },
	{ "allowed, refused for another purpose",
	    { ALLOW_ALL, REFUSE_RESEARCH }, 2, "fr/pds", "HMARKT",
	    "2026-04-01", MAY_PERMITTED, 1 },
	{ "allowed, refused for one, anything asked",
	    { ALLOW_ALL, REFUSE_RESEARCH }, 2, "fr/pds", NULL, "2026-04-01",
	    MAY_REFUSED, 2 },
	{ "two refusals decide", { REFUSE_RESEARCH, ALLOW_ALL, { .id = "c4",
		.kind = DECISION_REFUSE, PDS, .made = ON(2026, 3, 6) } }, 3,
	    "fr/pds", "HRESCH", "2026-04-01", MAY_REFUSED, 5 },
	{ "two consents permit", { ALLOW_ALL, ALLOW_RESEARCH }, 2, "fr/pds",
	    "HRESCH", "2026-04-01", MAY_PERMITTED, 3 },
	/* declined forms */
	{ "declined", { DECLINE(5) }, 1, "fr/pds", NULL, "2026-04-01",
	    MAY_UNKNOWN, 1 },
	{ "declined, then allowed", { DECLINE(9), ALLOW_ALL }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_PERMITTED, 2 },
	{ "allowed, then declined", { ALLOW_ALL, DECLINE(11) }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_UNKNOWN, 3 },
	{ "allowed and declined on a day", { ALLOW_ALL, DECLINE(10) }, 2,
	    "fr/pds", NULL, "2026-04-01", MAY_UNKNOWN, 3 },
	{ "allowed, another purpose declined", { ALLOW_ALL, { .id = "c3",
		.kind = DECISION_DECLINE, PDS, RESEARCH,
		.made = ON(2026, 3, 11) } }, 2, "fr/pds", "HMARKT",
	    "2026-04-01", MAY_PERMITTED, 1 },
	{ "declined and refused", { DECLINE(5), REFUSE_ALL }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_REFUSED, 2 },
	/* taken back */
	{ "refusal withdrawn", { REFUSE_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, PDS, .withdraws = "c1",
		.made = ON(2026, 3, 20) } }, 2, "fr/pds", NULL, "2026-03-20",
	    MAY_UNKNOWN, 0 },
	{ "refusal withdrawn, the day before", { REFUSE_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, PDS, .withdraws = "c1",
		.made = ON(2026, 3, 20) } }, 2, "fr/pds", NULL, "2026-03-19",
	    MAY_REFUSED, 1 },
	{ "consent withdrawn", { ALLOW_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, .withdraws = "c2",
		.made = ON(2026, 3, 20) } }, 2, "fr/pds", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "consent withdrawn, the refusal stands", { REFUSE_ALL, ALLOW_ALL,
		{ .id = "c9", .kind = DECISION_WITHDRAW, .withdraws = "c2",
		.made = ON(2026, 3, 20) } }, 3, "fr/pds", NULL, "2026-04-01",
	    MAY_REFUSED, 1 },
	{ "withdrawn from a later day", { ALLOW_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, .withdraws = "c2",
		.made = ON(2026, 3, 20), .from = ON(2026, 6, 1) } }, 2,
	    "fr/pds", NULL, "2026-05-31", MAY_PERMITTED, 1 },
	{ "a withdrawal of something else", { ALLOW_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, .withdraws = "c7",
		.made = ON(2026, 3, 20) } }, 2, "fr/pds", NULL, "2026-04-01",
	    MAY_PERMITTED, 1 },
	{ "a withdrawal can't be withdrawn", { ALLOW_ALL, { .id = "c9",
		.kind = DECISION_WITHDRAW, .withdraws = "c2",
		.made = ON(2026, 3, 20) }, { .id = "c10",
		.kind = DECISION_WITHDRAW, .withdraws = "c9",
		.made = ON(2026, 3, 21) } }, 3, "fr/pds", NULL, "2026-04-01",
	    MAY_UNKNOWN, 0 },
	{ "only a withdrawal withdraws", { ALLOW_ALL, { .id = "c9",
		.kind = DECISION_DECLINE, .recipient = "fr/eds",
		.withdraws = "c2", .made = ON(2026, 3, 20) } }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_PERMITTED, 1 },
	/* superseded */
	{ "a narrower refusal takes its place", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_REFUSE, PDS, RESEARCH, .supersedes = "c1",
		.made = ON(2026, 4, 1) } }, 2, "fr/pds", "HMARKT",
	    "2026-04-01", MAY_UNKNOWN, 0 },
	{ "before it takes its place", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_REFUSE, PDS, RESEARCH, .supersedes = "c1",
		.made = ON(2026, 4, 1) } }, 2, "fr/pds", "HMARKT",
	    "2026-03-31", MAY_REFUSED, 1 },
	{ "no gap before the new one begins", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_REFUSE, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1), .from = ON(2026, 9, 1) } }, 2,
	    "fr/pds", NULL, "2026-08-31", MAY_REFUSED, 1 },
	{ "then the new one", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_REFUSE, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1), .from = ON(2026, 9, 1) } }, 2,
	    "fr/pds", NULL, "2026-09-01", MAY_REFUSED, 2 },
	{ "a consent takes a refusal's place", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1) } }, 2, "fr/pds", NULL, "2026-04-01",
	    MAY_PERMITTED, 2 },
	{ "another body's decision supersedes nothing", { REFUSE_ALL,
		{ .id = "c4", .kind = DECISION_ALLOW, .recipient = "fr/eds",
		.supersedes = "c1", .made = ON(2026, 4, 1) } }, 2, "fr/pds",
	    NULL, "2026-04-01", MAY_REFUSED, 1 },
	{ "the old one doesn't come back", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1), .until = ON(2026, 4, 30) } }, 2,
	    "fr/pds", NULL, "2026-05-01", MAY_UNKNOWN, 0 },
	{ "nor when the new one is withdrawn", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1) }, { .id = "c5",
		.kind = DECISION_WITHDRAW, PDS, .withdraws = "c4",
		.made = ON(2026, 4, 2) } }, 3, "fr/pds", NULL, "2026-04-03",
	    MAY_UNKNOWN, 0 },
	{ "a chain of three", { REFUSE_ALL, { .id = "c4",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1) }, { .id = "c5",
		.kind = DECISION_REFUSE, PDS, .supersedes = "c4",
		.made = ON(2026, 5, 1) } }, 3, "fr/pds", NULL, "2026-05-01",
	    MAY_REFUSED, 4 },
	/* broken data never permits */
	{ "two that supersede each other", { { .id = "c1",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c2",
		.made = ON(2026, 4, 1) }, { .id = "c2",
		.kind = DECISION_ALLOW, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1) } }, 2, "fr/pds", NULL, "2026-05-01",
	    MAY_UNKNOWN, 0 },
	{ "never made", { { .id = "c1", .kind = DECISION_ALLOW, PDS } }, 1,
	    "fr/pds", NULL, "2026-05-01", MAY_UNKNOWN, 0 },
	{ "no recipient", { { .id = "c1", .kind = DECISION_ALLOW,
		.made = ON(2026, 4, 1) } }, 1, "fr/pds", NULL, "2026-05-01",
	    MAY_UNKNOWN, 0 },
	{ "itself superseded by itself", { { .id = "c1",
		.kind = DECISION_REFUSE, PDS, .supersedes = "c1",
		.made = ON(2026, 4, 1) } }, 1, "fr/pds", NULL, "2026-05-01",
	    MAY_REFUSED, 1 },
};
/* clang-format on */

static const char *const answers[] = { "permitted", "refused", "unknown" };

static void
every_question_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const struct question *q = &questions[i];
		size_t used[4], used_len = 99;
		unsigned bits = 0;
		enum may_answer answer = decisions_may(q->decisions, q->len,
		    q->recipient, q->purpose, day(q->on), used, &used_len);

		assert_true(used_len <= q->len);
		for (size_t j = 0; j < used_len; j++) {
			assert_true(used[j] < q->len);
			assert_true(j == 0 || used[j] > used[j - 1]);
			bits |= 1U << used[j];
		}
		if (answer != q->answer || bits != q->used)
			fail_msg(
			    "%s: %s, by %#x", q->name, answers[answer], bits);
		assert_int_equal(
		    decisions_may(q->decisions, q->len, q->recipient,
			q->purpose, day(q->on), NULL, NULL),
		    answer);
	}
}

static void
what_holds(void **state)
{
	static const struct decision all[] = {
		{ .id = "c1",
		    .kind = DECISION_REFUSE,
		    PDS,
		    .made = ON(2026, 3, 5) },
		{ .id = "c2",
		    .kind = DECISION_WITHDRAW,
		    PDS,
		    .withdraws = "c1",
		    .made = ON(2026, 4, 1) },
	};

	(void)state;
	assert_false(decision_holds(all, 2, 0, day("2026-03-04")));
	assert_true(decision_holds(all, 2, 0, day("2026-03-05")));
	assert_true(decision_holds(all, 2, 0, day("2026-03-31")));
	assert_false(decision_holds(all, 2, 0, day("2026-04-01")));
	assert_false(decision_holds(all, 2, 1, day("2026-03-31")));
	assert_true(decision_holds(all, 2, 1, day("2030-01-01")));
	assert_false(decision_holds(all, 2, 0, (struct carnet_date){ 0 }));
}

/*
 * More decisions never make the answer laxer, unless one of them takes back,
 * supersedes or consents: random sets of refusals and declines upon a set.
 */
static void
more_refusals_never_permit(void **state)
{
	uint32_t random = 2891336453U;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct decision all[6];
		const char *purpose = round % 3 == 0 ? NULL : "HRESCH";
		struct carnet_date on = day("2026-06-15");
		enum may_answer before, after;

		for (int i = 0; i < 6; i++) {
			random ^= random << 13;
			random ^= random >> 17;
			random ^= random << 5;
			all[i] = (struct decision){ .id = "c",
				.recipient = random & 1 ? "fr/pds" : "fr/eds",
				.kind =
				    i >= 3 ? (random / 2 % 2 ? DECISION_REFUSE
							     : DECISION_DECLINE)
					   : random / 2 % 3,
				.purposes = random / 8 % 2
						? both + random / 16 % 2
						: NULL,
				.purposes_len = random / 8 % 2,
				.scope = random / 32 % 4 == 0 ? "lab" : NULL,
				.made = { 2026, (uint8_t)(1 + random / 256 % 8),
				    10 } };
		}
		before =
		    decisions_may(all, 3, "fr/pds", purpose, on, NULL, NULL);
		after =
		    decisions_may(all, 6, "fr/pds", purpose, on, NULL, NULL);
		if (before == MAY_REFUSED)
			assert_int_equal(after, MAY_REFUSED);
		if (before == MAY_UNKNOWN)
			assert_int_not_equal(after, MAY_PERMITTED);
	}
}

static void
kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(decision_kind_name(DECISION_REFUSE), "refuse");
	assert_string_equal(decision_kind_name(DECISION_DECLINE), "decline");
	assert_string_equal(decision_kind_name(DECISION_ALLOW), "allow");
	assert_string_equal(decision_kind_name(DECISION_WITHDRAW), "withdraw");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_is_answered),
		cmocka_unit_test(what_holds),
		cmocka_unit_test(more_refusals_never_permit),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
