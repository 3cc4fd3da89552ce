/* SPDX-License-Identifier: ISC */
/*
 * The table of transitions: the document's cells against the code's, and
 * every cell lived through by a case that is in that state.  Then the order
 * of steps.  First argument: docs/case-transitions.md.
 */
#include <errno.h>

#include "french.h"

static const char *document;

static const struct case_clock month = { .kind = CLOCK_MONTHS,
	.count = 1,
	.extended_months = 3,
	.presumed_days = 3 };
static const struct case_clock none = { .kind = CLOCK_NONE,
	.presumed_days = 3 };

/* The cells of one line of a Markdown table, cut in place. */
static int
table_cells(char *line, char *cells[], int most)
{
	char *rest = NULL, *cell;
	int count = 0;

	for (cell = strtok_r(line, "|\n", &rest); cell != NULL && count < most;
	     cell = strtok_r(NULL, "|\n", &rest)) {
		size_t len;

		cell += strspn(cell, " ");
		len = strlen(cell);
		while (len > 0 && cell[len - 1] == ' ')
			cell[--len] = '\0';
		cells[count++] = cell;
	}
	return count;
}

static void
check_row(int row, char *cells[])
{
	assert_string_equal(cells[0], case_state_name((enum case_state)row));
	for (int step = 0; step < STEP_KINDS; step++) {
		const char *reason = "";
		enum case_state to = CASE_DRAFT;
		char expected[64];

		if (case_transition((enum case_state)row, (enum step_kind)step,
			&to, &reason))
			(void)snprintf(expected, sizeof(expected), "%s",
			    case_state_name(to));
		else
			(void)snprintf(
			    expected, sizeof(expected), "no: %s", reason);
		if (strcmp(cells[step + 1], expected) != 0)
			fail_msg("%s, %s: the document has \"%s\", the code "
				 "\"%s\"",
			    cells[0], step_kind_name((enum step_kind)step),
			    cells[step + 1], expected);
	}
}

static void
the_document_has_the_same_table(void **state)
{
	FILE *file = fopen(document, "r");
	char line[1024], *cells[16];
	int row = -1, count;

	(void)state;
	if (file == NULL)
		fail_msg("%s: %s", document, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL && row < CASE_STATES) {
		bool header = strncmp(line, "| state | sent |", 16) == 0;

		if (row < 0 && !header)
			continue;
		count = table_cells(line, cells, 16);
		if (count == 0)
			break;
		assert_int_equal(count, STEP_KINDS + 1);
		if (header) {
			for (int i = 0; i < STEP_KINDS; i++)
				assert_string_equal(cells[i + 1],
				    step_kind_name((enum step_kind)i));
			row = 0;
			assert_non_null(fgets(line, sizeof(line), file));
			continue;
		}
		check_row(row++, cells);
	}
	(void)fclose(file);
	assert_int_equal(row, CASE_STATES);
}

/* A case that has come to a state, and the next step's day. */
struct life {
	enum case_state state;
	bool missing, no_clock, open_pause;
	const char *next_on;
	struct {
		enum step_kind kind;
		const char *on;
	} steps[5];
	size_t len;
};

static const struct life lives[] = {
	{ CASE_DRAFT, true, false, false, "2026-03-02", { { 0 } }, 0 },
	{ CASE_READY, false, false, false, "2026-03-02", { { 0 } }, 0 },
	{ CASE_SENT, false, false, false, "2026-03-06",
	    { { STEP_SENT, "2026-03-02" } }, 1 },
	{ CASE_RECEIVED, false, true, true, "2026-03-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_RECEIVED, "2026-03-05" },
		{ STEP_PAUSED, "2026-03-06" } },
	    3 },
	{ CASE_RECEIVED, false, true, false, "2026-03-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_RECEIVED, "2026-03-05" } },
	    2 },
	{ CASE_WAITING, false, false, false, "2026-03-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_RECEIVED, "2026-03-05" } },
	    2 },
	{ CASE_EXTENDED, false, false, false, "2026-03-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_EXTENDED, "2026-03-20" } },
	    2 },
	{ CASE_PAUSED, false, false, true, "2026-03-10",
	    { { STEP_SENT, "2026-03-02" }, { STEP_PAUSED, "2026-03-10" } }, 2 },
	{ CASE_ANSWERED, false, false, false, "2026-03-10",
	    { { STEP_SENT, "2026-03-02" }, { STEP_ANSWERED, "2026-03-10" } },
	    2 },
	{ CASE_OVERDUE, false, false, false, "2026-04-08",
	    { { STEP_SENT, "2026-03-02" } }, 1 },
	{ CASE_OVERDUE, false, false, true, "2026-04-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_PAUSED, "2026-04-10" } }, 2 },
	{ CASE_REMINDED, false, false, false, "2026-03-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_REMINDED, "2026-03-20" } },
	    2 },
	{ CASE_REMINDED, false, false, true, "2026-04-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_PAUSED, "2026-04-10" },
		{ STEP_REMINDED, "2026-04-20" } },
	    3 },
	{ CASE_COMPLAINED, false, false, false, "2026-04-10",
	    { { STEP_SENT, "2026-03-02" }, { STEP_COMPLAINED, "2026-04-10" } },
	    2 },
	{ CASE_COMPLAINED, false, false, true, "2026-04-20",
	    { { STEP_SENT, "2026-03-02" }, { STEP_PAUSED, "2026-04-10" },
		{ STEP_COMPLAINED, "2026-04-10" } },
	    3 },
	{ CASE_CLOSED, false, false, false, "2026-04-10",
	    { { STEP_SENT, "2026-03-02" }, { STEP_CLOSED, "2026-04-10" } }, 2 },
};

/* What a cell becomes because of the rules above the table. */
static bool
cell_allows(const struct life *life, enum step_kind kind)
{
	bool pause = life->open_pause;

	if (!case_transition(life->state, kind, NULL, NULL))
		return false;
	if (kind == STEP_PAUSED)
		return !pause;
	return kind != STEP_RESUMED || pause;
}

static void
live_cell(const struct life *life, enum step_kind kind)
{
	const struct case_clock *clock = life->no_clock ? &none : &month;
	struct case_step steps[6];
	struct carnet_error err;
	struct case_view view;
	enum case_state to = life->state;
	bool allowed = cell_allows(life, kind);

	for (size_t i = 0; i < life->len; i++)
		steps[i] = (struct case_step){ .kind = life->steps[i].kind,
			.on = day(life->steps[i].on) };
	steps[life->len] =
	    (struct case_step){ .kind = kind, .on = day(life->next_on) };
	if (kind == STEP_RECEIVED && life->len > 0)
		steps[life->len].on = steps[0].on;
	case_evaluate(steps, life->len, life->missing, clock, &french,
	    day(life->next_on), &view);
	assert_int_equal(view.state, life->state);
	if ((case_step_check(steps, life->len, &steps[life->len], &err) ==
		CARNET_OK) != allowed)
		fail_msg("%s, %s: %s", case_state_name(life->state),
		    step_kind_name(kind),
		    allowed ? err.message : "not refused");
	if (!allowed) {
		assert_true(err.message[0] != '\0' && err.hint[0] != '\0');
		return;
	}
	/* rule 4: too late to count */
	if ((kind != STEP_EXTENDED && kind != STEP_PAUSED) ||
	    carnet_date_compare(day(life->next_on), view.due) <= 0)
		(void)case_transition(life->state, kind, &to, NULL);
	/* on the day of the receipt, so that the late ones are in time */
	case_evaluate(steps, life->len + 1, false, clock, &french,
	    kind == STEP_RECEIVED ? steps[life->len].on : day(life->next_on),
	    &view);
	if (view.state != to)
		fail_msg("%s, %s: %s", case_state_name(life->state),
		    step_kind_name(kind), case_state_name(view.state));
}

static void
every_cell_is_lived(void **state)
{
	bool met[CASE_STATES] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		for (int kind = 0; kind < STEP_KINDS; kind++)
			live_cell(&lives[i], (enum step_kind)kind);
		met[lives[i].state] = true;
	}
	for (int i = 0; i < CASE_STATES; i++)
		assert_true(met[i]);
}

/*
 * The check knows no clock, so it can't tell overdue from sent or waiting:
 * what it lets pass must be the same.
 */
static void
overdue_lets_pass_what_sent_does(void **state)
{
	(void)state;
	for (int kind = 0; kind < STEP_KINDS; kind++) {
		if (kind == STEP_RESUMED)
			continue; /* by the open pause alone */
		assert_int_equal(case_transition(CASE_SENT,
				     (enum step_kind)kind, NULL, NULL),
		    case_transition(
			CASE_OVERDUE, (enum step_kind)kind, NULL, NULL));
	}
}

struct order_case {
	const char *name;
	struct {
		enum step_kind kind;
		const char *on;
		enum step_outcome outcome;
	} steps[7];
	size_t len; /* the last one is judged */
	bool good;
};

static const struct order_case orders[] = {
	{ "sent before today's draft", { { STEP_SENT, "1990-01-01", 0 } }, 1,
	    true },
	{ "received first", { { STEP_RECEIVED, "2026-03-05", 0 } }, 1, false },
	{ "received the same day",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_RECEIVED, "2026-03-05", 0 } },
	    2, true },
	{ "received before sent",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_RECEIVED, "2026-03-04", 0 } },
	    2, false },
	{ "received twice",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_RECEIVED, "2026-03-06", 0 },
		{ STEP_RECEIVED, "2026-03-06", 0 } },
	    3, false },
	{ "received twice, once late",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_REMINDED, "2026-04-20", 0 },
		{ STEP_RECEIVED, "2026-03-06", 0 },
		{ STEP_RECEIVED, "2026-03-06", 0 } },
	    4, false },
	{ "answer without receipt",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "2026-03-06", OUTCOME_PARTLY } },
	    2, true },
	{ "answer before sending",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "2026-03-04", OUTCOME_PARTLY } },
	    2, false },
	{ "answer before receipt",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_RECEIVED, "2026-03-10", 0 },
		{ STEP_ANSWERED, "2026-03-09", 0 } },
	    3, false },
	{ "receipt after the answer",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "2026-03-09", 0 },
		{ STEP_RECEIVED, "2026-03-10", 0 } },
	    3, false },
	{ "receipt recorded after the answer, dated before",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "2026-03-09", 0 },
		{ STEP_RECEIVED, "2026-03-07", 0 } },
	    3, true },
	{ "receipt recorded after a second answer, dated between",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "2026-03-09", 0 },
		{ STEP_ANSWERED, "2026-03-20", 0 },
		{ STEP_RECEIVED, "2026-03-15", 0 } },
	    4, false },
	{ "receipt recorded after the reminder, dated before",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_REMINDED, "2026-04-10", 0 },
		{ STEP_RECEIVED, "2026-03-07", 0 } },
	    3, true },
	{ "receipt after the reminder",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_REMINDED, "2026-04-10", 0 },
		{ STEP_RECEIVED, "2026-04-12", 0 } },
	    3, true },
	{ "receipt after an extension",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_EXTENDED, "2026-03-10", 0 },
		{ STEP_RECEIVED, "2026-03-12", 0 } },
	    3, false },
	{ "receipt after a pause",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_RECEIVED, "2026-03-12", 0 } },
	    3, false },
	{ "after a receipt recorded late, the latest step counts",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_REMINDED, "2026-04-10", 0 },
		{ STEP_RECEIVED, "2026-03-07", 0 },
		{ STEP_ANSWERED, "2026-04-09", 0 } },
	    4, false },
	{ "resumed before paused",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_RESUMED, "2026-03-09", 0 } },
	    3, false },
	{ "paused, resumed, paused, resumed",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_RESUMED, "2026-03-11", 0 },
		{ STEP_PAUSED, "2026-03-12", 0 },
		{ STEP_RESUMED, "2026-03-12", 0 } },
	    5, true },
	{ "resumed twice",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_RESUMED, "2026-03-11", 0 },
		{ STEP_RESUMED, "2026-03-12", 0 } },
	    4, false },
	{ "paused twice, a reminder between",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_REMINDED, "2026-03-11", 0 },
		{ STEP_PAUSED, "2026-03-12", 0 } },
	    4, false },
	{ "resumed after the complaint, paused before",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_PAUSED, "2026-03-10", 0 },
		{ STEP_COMPLAINED, "2026-03-11", 0 },
		{ STEP_RESUMED, "2026-03-12", 0 } },
	    4, true },
	{ "extended twice, a pause between",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_EXTENDED, "2026-03-10", 0 },
		{ STEP_PAUSED, "2026-03-11", 0 },
		{ STEP_RESUMED, "2026-03-12", 0 },
		{ STEP_EXTENDED, "2026-03-13", 0 } },
	    5, false },
	{ "extended twice, a pause open",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_EXTENDED, "2026-03-10", 0 },
		{ STEP_PAUSED, "2026-03-11", 0 },
		{ STEP_EXTENDED, "2026-03-13", 0 } },
	    4, false },
	{ "a second reminder and a second complaint",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_REMINDED, "2026-04-10", 0 },
		{ STEP_REMINDED, "2026-04-20", 0 },
		{ STEP_COMPLAINED, "2026-05-01", 0 },
		{ STEP_COMPLAINED, "2026-05-02", 0 } },
	    5, true },
	{ "closed, never sent", { { STEP_CLOSED, "2026-03-05", 0 } }, 1, true },
	{ "after closing",
	    { { STEP_SENT, "2026-03-05", 0 }, { STEP_CLOSED, "2026-03-06", 0 },
		{ STEP_ANSWERED, "2026-03-07", 0 } },
	    3, false },
	{ "an outcome without an answer",
	    { { STEP_SENT, "2026-03-05", OUTCOME_GRANTED } }, 1, false },
	{ "in the year 9999",
	    { { STEP_SENT, "2026-03-05", 0 },
		{ STEP_ANSWERED, "9999-12-31", 0 } },
	    2, true },
};

static void
steps_keep_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct order_case *order = &orders[i];
		struct case_step steps[7] = { 0 };
		struct carnet_error err = { .message = "" };
		enum carnet_status status = CARNET_FAILED;

		for (size_t j = 0; j < order->len; j++) {
			steps[j].kind = order->steps[j].kind;
			steps[j].on = day(order->steps[j].on);
			steps[j].outcome = order->steps[j].outcome;
			status = case_step_check(steps, j, &steps[j], &err);
			if (j + 1 < order->len && status != CARNET_OK)
				fail_msg("%s: step %zu: %s", order->name, j,
				    err.message);
		}
		if (status != (order->good ? CARNET_OK : CARNET_INVALID))
			fail_msg("%s: %s", order->name,
			    order->good ? err.message : "not refused");
		if (!order->good &&
		    (err.message[0] == '\0' || err.hint[0] == '\0'))
			fail_msg("%s: no hint", order->name);
	}
}

static void
nonsense_is_refused(void **state)
{
	static const struct carnet_date days[] = { { 0, 0, 0 }, { 2026, 2, 29 },
		{ 2026, 13, 1 }, { 2026, 0, 1 }, { 2026, 1, 0 },
		{ 10000, 1, 1 }, { -1, 1, 1 } };
	struct case_step step = { .kind = STEP_SENT, .on = day("2026-01-01") };
	struct carnet_error err;

	(void)state;
	assert_int_equal(case_step_check(NULL, 0, &step, NULL), CARNET_OK);
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		step.on = days[i];
		assert_int_equal(
		    case_step_check(NULL, 0, &step, &err), CARNET_INVALID);
	}
	step.on = day("2026-01-01");
	step.kind = (enum step_kind)STEP_KINDS;
	assert_int_equal(case_step_check(NULL, 0, &step, NULL), CARNET_INVALID);
	step.kind = STEP_ANSWERED;
	step.outcome = (enum step_outcome)4;
	assert_int_equal(case_step_check(NULL, 0, &step, NULL), CARNET_INVALID);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_has_the_same_table),
		cmocka_unit_test(every_cell_is_lived),
		cmocka_unit_test(overdue_lets_pass_what_sent_does),
		cmocka_unit_test(steps_keep_their_order),
		cmocka_unit_test(nonsense_is_refused),
	};

	document = argc > 1 ? argv[1] : "docs/case-transitions.md";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
