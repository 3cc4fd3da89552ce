/* SPDX-License-Identifier: ISC */
/*
 * Gaps, found and known: what explains what, and payloads there and back.
 * The contract is ledger_gaps.h.
 */
#include "ledger_fixture.h"

static void
take(struct ledger_gaps *gaps, const char *payload)
{
	struct event event = fixture_event(LEDGER_REPAIRED, payload);

	assert_int_equal(ledger_gaps_take(gaps, &event, NULL), CARNET_OK);
	event_clear(&event);
}

static void
ranges_add_up(void **state)
{
	static const struct {
		uint64_t from, to;
		bool explained;
	} cases[] = { { 3, 3, true }, { 3, 9, true }, { 2, 3, false },
		{ 9, 10, false }, { 4, 8, true }, { 1, 20, false },
		{ 12, 12, true }, { 11, 12, false } };
	struct ledger_gaps gaps = { 0 };

	(void)state;
	take(&gaps,
	    "{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
	    "\"from\":\"6\",\"to\":\"9\"},{\"device\":"
	    "\"d1000000000000000000000000000000\",\"from\":\"3\",\"to\":\"6\"},"
	    "{\"device\":\"d1000000000000000000000000000000\",\"from\":12,"
	    "\"to\":12}]}");
	assert_int_equal(gaps.known_len, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger_gap gap = { .from = cases[i].from,
			.to = cases[i].to };

		memcpy(gap.device, fixture_device, DEVICE_ID_LEN);
		assert_int_equal(
		    ledger_gaps_explain(&gaps, &gap), cases[i].explained);
		memcpy(gap.device, fixture_other, DEVICE_ID_LEN);
		assert_false(ledger_gaps_explain(&gaps, &gap));
	}
	ledger_gaps_clear(&gaps);
}

/* What isn't a gap explains nothing, and never fails. */
static void
nonsense_says_nothing(void **state)
{
	static const char *const payloads[] = { "", "[]", "{", "{\"gaps\":1}",
		"{\"gaps\":[1,null,{}]}",
		"{\"gaps\":[{\"device\":\"d1\",\"from\":\"1\",\"to\":\"2\"}]}",
		"{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
		"\"from\":\"3\",\"to\":\"2\"}]}",
		"{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
		"\"from\":\"0\",\"to\":\"2\"}]}" };
	struct ledger_gaps gaps = { 0 };
	struct event other = fixture_event("vault.created",
	    "{\"gaps\":[{\"device\":\"d1000000000000000000000000000000\","
	    "\"from\":\"1\",\"to\":\"2\"}]}");

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		take(&gaps, payloads[i]);
	assert_int_equal(ledger_gaps_take(&gaps, &other, NULL), CARNET_OK);
	assert_int_equal(gaps.known_len, 0);
	event_clear(&other);
	ledger_gaps_clear(&gaps);
}

static void
a_payload_comes_back(void **state)
{
	struct ledger_gap gap = { .from = 2, .to = UINT64_C(9007199254740993) };
	struct ledger_gaps gaps = { 0 };
	cJSON *payload;
	char *text;

	(void)state;
	memcpy(gap.device, fixture_other, DEVICE_ID_LEN);
	payload = ledger_gaps_payload(&gap, 1);
	assert_non_null(payload);
	text = cJSON_PrintUnformatted(payload);
	take(&gaps, text);
	assert_int_equal(gaps.known_len, 1);
	assert_true(gaps.known[0].from == gap.from);
	assert_true(gaps.known[0].to == gap.to);
	assert_true(ledger_gaps_explain(&gaps, &gap));
	cJSON_free(text);
	cJSON_Delete(payload);
	ledger_gaps_clear(&gaps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_add_up),
		cmocka_unit_test(nonsense_says_nothing),
		cmocka_unit_test(a_payload_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
