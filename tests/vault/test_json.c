/* SPDX-License-Identifier: ISC */
/*
 * The strict JSON reader: own tables of good and hostile texts, altered
 * texts, and JSONTestSuite where CARNET_CORPORA names the folder that has it.
 * Does not test cJSON itself.  See vault/json.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carnet_types.h"

#define TEXT(literal) (literal), sizeof(literal) - 1

struct json_case {
	const char *name;
	const char *text;
	size_t len;
};

static const struct json_case accepted[] = {
	{ "empty object", TEXT("{}") },
	{ "empty array", TEXT(" [ ] ") },
	{ "lone word", TEXT("null") },
	{ "lone number", TEXT("-0") },
	{ "lone string", TEXT("\"\"") },
	{ "all kinds", TEXT("{\"a\":[1,2.50,-3e+7,true,false,null,\"\"]}") },
	{ "space of every kind",
	    TEXT("\t\r\n {\t\"a\"\r:\n1 ,\"b\" : [ ] }\n") },
	{ "keys that differ in case", TEXT("{\"a\":1,\"A\":2}") },
	{ "same key on two levels", TEXT("{\"a\":{\"a\":{\"a\":1}},\"b\":1}") },
	{ "same key in two objects", TEXT("[{\"a\":1},{\"a\":1}]") },
	{ "a value equal to a key", TEXT("{\"a\":\"a\",\"b\":\"a\"}") },
	{ "empty key", TEXT("{\"\":1,\" \":2}") },
	{ "escapes", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"") },
	{ "pair of surrogates", TEXT("\"\\ud834\\uDD1E\"") },
	{ "lowest and highest pair", TEXT("\"\\ud800\\udc00\\udbff\\udfff\"") },
	{ "noncharacter", TEXT("\"\\uffff\"") },
	{ "delete", TEXT("\"\x7f\"") },
	{ "UTF-8 of 2, 3, 4 bytes",
	    TEXT("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
		 "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"") },
	{ "\\u twice the backslash", TEXT("\"\\\\u0000\"") },
	{ "key that only looks equal", TEXT("{\"\\\\u0061\":1,\"a\":2}") },
	{ "long number",
	    TEXT("[-0.00000000000000000000000000000000000000000000000000000"
		 "000000000000000000000001,"
		 "1000000000000000000000000000000000000000000000000000000000"
		 "0000000000000000000000000000000000000000]") },
	{ "huge exponent", TEXT("[1e400,-1E-400]") },
};

static const struct json_case refused[] = {
	{ "nothing", TEXT("") },
	{ "only space", TEXT(" \n") },
	{ "byte order mark", TEXT("\xef\xbb\xbf{}") },
	{ "UTF-16", TEXT("{\0}\0") },
	{ "NUL after the end", TEXT("{}\0") },
	{ "NUL and text after the end", TEXT("{}\0x") },
	{ "text after the end", TEXT("{} x") },
	{ "two values", TEXT("1 2") },
	{ "a second object", TEXT("{}{}") },
	{ "one end too many", TEXT("[]]") },
	{ "wrong end", TEXT("[}") },
	{ "crossed ends", TEXT("[{]}") },
	{ "array not ended", TEXT("[1,2") },
	{ "object not ended", TEXT("{\"a\":1") },
	{ "object ended after comma", TEXT("{\"a\":1,}") },
	{ "array ended after comma", TEXT("[1,]") },
	{ "comma first", TEXT("[,1]") },
	{ "comma twice", TEXT("[1,,2]") },
	{ "no comma", TEXT("[1 2]") },
	{ "no colon", TEXT("{\"a\" 1}") },
	{ "no value", TEXT("{\"a\":}") },
	{ "key alone", TEXT("{\"a\"}") },
	{ "key without quotes", TEXT("{a:1}") },
	{ "key is a number", TEXT("{1:1}") },
	{ "single quotes", TEXT("{'a':1}") },
	{ "comment", TEXT("[1/*c*/]") },
	{ "comment line", TEXT("1 // c\n") },
	{ "form feed", TEXT("[\f]") },
	{ "no-break space", TEXT("[\xc2\xa0]") },
	{ "word cut", TEXT("[tru]") },
	{ "word cut by the end", TEXT("tru") },
	{ "word too long", TEXT("[nullx]") },
	{ "capitals", TEXT("[True]") },
	{ "NaN", TEXT("[NaN]") },
	{ "Infinity", TEXT("[-Infinity]") },
	{ "plus", TEXT("[+1]") },
	{ "leading zero", TEXT("[01]") },
	{ "minus zero one", TEXT("[-01]") },
	{ "minus alone", TEXT("[-]") },
	{ "minus at the end", TEXT("-") },
	{ "point first", TEXT("[.5]") },
	{ "point last", TEXT("[1.]") },
	{ "point and exponent", TEXT("[1.e5]") },
	{ "exponent empty", TEXT("[1e]") },
	{ "exponent sign only", TEXT("[1e+]") },
	{ "exponent cut", TEXT("1E") },
	{ "hexadecimal", TEXT("[0x1F]") },
	{ "wide digit", TEXT("[\xef\xbc\x91]") },
	{ "string not ended", TEXT("\"abc") },
	{ "string ends in backslash", TEXT("\"abc\\") },
	{ "quote escaped at the end", TEXT("\"abc\\\"") },
	{ "escape unknown", TEXT("\"\\a\"") },
	{ "escape NUL byte", TEXT("\"\\\0\"") },
	{ "escape of a control", TEXT("\"\\\n\"") },
	{ "hexadecimal escape", TEXT("\"\\x41\"") },
	{ "\\u of 3 digits", TEXT("\"\\u123\"") },
	{ "\\u cut", TEXT("\"\\u12") },
	{ "\\u in capitals", TEXT("\"\\U0041\"") },
	{ "\\u with a sign", TEXT("\"\\u+041\"") },
	{ "\\u0000", TEXT("\"a\\u0000b\"") },
	{ "\\u0000 in a key", TEXT("{\"a\\u0000\":1}") },
	{ "high surrogate alone", TEXT("\"\\ud800\"") },
	{ "high surrogate, then text", TEXT("\"\\ud800abcdef\"") },
	{ "high surrogate twice", TEXT("\"\\ud800\\ud800\"") },
	{ "high surrogate, then a letter", TEXT("\"\\ud800\\u0041\"") },
	{ "high surrogate cut", TEXT("\"\\ud800\\udc") },
	{ "low surrogate alone", TEXT("\"\\udc00\"") },
	{ "surrogates crossed", TEXT("\"\\udc00\\ud800\"") },
	{ "tab in a string", TEXT("\"\t\"") },
	{ "line end in a string", TEXT("\"a\nb\"") },
	{ "NUL in a string", TEXT("\"a\0b\"") },
	{ "NUL in a key", TEXT("{\"a\0b\":1}") },
	{ "stray continuation", TEXT("\"\x80\"") },
	{ "overlong of 2", TEXT("\"\xc0\xaf\"") },
	{ "overlong of 2, C1", TEXT("\"\xc1\xbf\"") },
	{ "overlong of 3", TEXT("\"\xe0\x9f\xbf\"") },
	{ "overlong of 4", TEXT("\"\xf0\x8f\xbf\xbf\"") },
	{ "overlong NUL", TEXT("\"\xc0\x80\"") },
	{ "UTF-8 surrogate", TEXT("\"\xed\xa0\x80\"") },
	{ "above U+10FFFF", TEXT("\"\xf4\x90\x80\x80\"") },
	{ "F5", TEXT("\"\xf5\x80\x80\x80\"") },
	{ "FF", TEXT("\"\xff\"") },
	{ "Latin-1", TEXT("\"caf\xe9\"") },
	{ "sequence cut by the quote", TEXT("\"\xe2\x82\"") },
	{ "sequence cut by the end", TEXT("\"\xe2\x82") },
	{ "sequence of 4 cut", TEXT("\"\xf0\x9f\x98\"") },
	{ "key twice", TEXT("{\"a\":1,\"a\":2}") },
	{ "key twice, same value", TEXT("{\"a\":1,\"a\":1}") },
	{ "key twice, apart", TEXT("{\"a\":1,\"b\":{\"c\":1},\"a\":1}") },
	{ "key twice, one escaped", TEXT("{\"abc\":1,\"\\u0061bc\":2}") },
	{ "key twice, both escaped", TEXT("{\"\\u0061/\":1,\"a\\/\":2}") },
	{ "key twice, accents", TEXT("{\"\xc3\xa9\":1,\"\\u00E9\":2}") },
	{ "key twice, a pair",
	    TEXT("{\"\xf0\x9d\x84\x9e\":1,\"\\uD834\\uDD1E\":2}") },
	{ "key twice, three bytes",
	    TEXT("{\"\xe2\x82\xac\":1,\"\\u20AC\":2}") },
	{ "empty key twice", TEXT("{\"\":1,\"\":2}") },
	{ "key twice in an inner object",
	    TEXT("[[{\"a\":{\"b\":1,\"b\":1}}]]") },
};

/*
 * The same bytes in memory that ends where they end, so that a sanitizer
 * sees a read beyond.
 */
static enum carnet_status
parse_exact(
    const char *text, size_t len, cJSON **ret_json, struct carnet_error *err)
{
	char *copy = malloc(len == 0 ? 1 : len);
	enum carnet_status status;

	assert_non_null(copy);
	memcpy(copy, text, len);
	status = carnet_json_parse(copy, len, ret_json, err);
	free(copy);
	return status;
}

static void
good_texts_are_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		struct carnet_error err = { .message = "" };
		cJSON *json = NULL;

		if (parse_exact(accepted[i].text, accepted[i].len, &json,
			&err) != CARNET_OK)
			fail_msg("%s: %s", accepted[i].name, err.message);
		assert_non_null(json);
		cJSON_Delete(json);
	}
}

static void
hostile_texts_are_refused(void **state)
{
	cJSON untouched;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct carnet_error err = { .message = "" };
		cJSON *json = &untouched;

		if (parse_exact(refused[i].text, refused[i].len, &json, &err) !=
		    CARNET_INVALID)
			fail_msg("%s: not refused", refused[i].name);
		assert_ptr_equal(json, &untouched);
		assert_int_equal(err.status, CARNET_INVALID);
		assert_memory_equal(err.message, "JSON: ", 6);
		assert_int_equal(carnet_json_parse(refused[i].text,
				     refused[i].len, &json, NULL),
		    CARNET_INVALID);
	}
	assert_int_equal(
	    carnet_json_parse(NULL, 0, NULL, NULL), CARNET_INVALID);
}

static void
errors_say_where_and_not_what(void **state)
{
	static const char secret[] = "{\"Dupont\": \"Paris\", \"x\": Marie}";
	struct carnet_error err;
	cJSON *json = NULL;

	(void)state;
	assert_int_equal(carnet_json_parse(secret, strlen(secret), &json, &err),
	    CARNET_INVALID);
	assert_string_equal(err.message, "JSON: not a value at byte 25");
}

/* depth times `opening`, the middle, depth times `closing` */
static enum carnet_status
parse_nested(size_t depth, const char *opening, const char *closing)
{
	size_t each = strlen(opening), ends = strlen(closing);
	size_t len = depth * (each + ends) + 1;
	char *text = malloc(len);
	enum carnet_status status;
	cJSON *json = NULL;

	assert_non_null(text);
	for (size_t i = 0; i < depth; i++) {
		memcpy(text + i * each, opening, each);
		memcpy(text + depth * each + 1 + i * ends, closing, ends);
	}
	text[depth * each] = '0';
	status = carnet_json_parse(text, len, &json, NULL);
	if (status == CARNET_OK)
		cJSON_Delete(json);
	free(text);
	return status;
}

static void
depth_is_capped(void **state)
{
	(void)state;
	assert_int_equal(parse_nested(64, "[", "]"), CARNET_OK);
	assert_int_equal(parse_nested(65, "[", "]"), CARNET_INVALID);
	assert_int_equal(parse_nested(64, "{\"a\":", "}"), CARNET_OK);
	assert_int_equal(parse_nested(65, "{\"a\":", "}"), CARNET_INVALID);
	assert_int_equal(parse_nested(32, "[{\"a\":", "}]"), CARNET_OK);
	assert_int_equal(parse_nested(33, "[{\"a\":", "}]"), CARNET_INVALID);
	assert_int_equal(parse_nested(4000000, "[", "]"), CARNET_INVALID);
	/* depth is what is open at once, not how often */
	assert_int_equal(parse_nested(62, "[[],[[]],", "]"), CARNET_OK);
	assert_int_equal(parse_nested(63, "[[],[[]],", "]"), CARNET_INVALID);
}

/* An object of `count` keys; `twin`: the last equals the first. */
static enum carnet_status
parse_wide(size_t count, bool escaped, bool twin)
{
	char *text = malloc(count * 32 + 3), *at = text;
	enum carnet_status status;
	cJSON *json = NULL;

	assert_non_null(text);
	*at++ = '{';
	for (size_t i = 0; i < count; i++) {
		size_t number = twin && i == count - 1 ? 0 : i;

		at += sprintf(at, "%s\"%s%08zu\":0", i == 0 ? "" : ",",
		    escaped && i % 2 == 1 ? "\\u0061" : "a", number);
	}
	*at++ = '}';
	status = carnet_json_parse(text, (size_t)(at - text), &json, NULL);
	if (status == CARNET_OK) {
		assert_int_equal(cJSON_GetArraySize(json), count);
		cJSON_Delete(json);
	}
	free(text);
	return status;
}

static void
twins_are_found_among_many_keys(void **state)
{
	static const size_t counts[] = { 2, 11, 12, 13, 14, 100, 1000, 300000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (int escaped = 0; escaped < 2; escaped++) {
			assert_int_equal(
			    parse_wide(counts[i], escaped, false), CARNET_OK);
			assert_int_equal(parse_wide(counts[i], escaped, true),
			    CARNET_INVALID);
		}
	}
}

static void
size_is_capped(void **state)
{
	size_t cap = (size_t)64 << 20;
	char *text = malloc(cap + 1);
	struct carnet_error err;
	cJSON *json = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', cap + 1);
	text[0] = '1';
	assert_int_equal(carnet_json_parse(text, cap, &json, &err), CARNET_OK);
	cJSON_Delete(json);
	assert_int_equal(
	    carnet_json_parse(text, cap + 1, &json, &err), CARNET_INVALID);
	free(text);
}

/*
 * Good texts with bytes changed, cut and repeated: whatever comes of it, the
 * answer is yes or no, and what the scan takes cJSON takes too (anything
 * else would be reported as a lack of memory).
 */
static void
altered_texts_never_surprise(void **state)
{
	static const char bytes[] = "{}[]\",:\\u0019aEe+-. \n\0\xff\xc3\xa9td";
	size_t cases = sizeof(accepted) / sizeof(accepted[0]);
	uint32_t random = 2463534242U;
	size_t taken = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		const struct json_case *from = &accepted[round % cases];
		char text[512];
		size_t len = from->len;
		enum carnet_status status;
		cJSON *json = NULL;

		assert_true(len < sizeof(text));
		memcpy(text, from->text, len);
		for (int change = 0; change < 1 + round % 3; change++) {
			random ^= random << 13;
			random ^= random >> 17;
			random ^= random << 5;
			if (len == 0)
				break;
			if (random % 11 == 0)
				len = random / 11 % len;
			else
				text[random / 64 % len] =
				    bytes[random % (sizeof(bytes) - 1)];
		}
		status = parse_exact(text, len, &json, NULL);
		if (status == CARNET_OK) {
			taken++;
			cJSON_Delete(json);
		} else {
			assert_int_equal(status, CARNET_INVALID);
		}
	}
	assert_in_range(taken, 1000, 190000);
}

static void
getters_are_typed(void **state)
{
	static const char text[] = "{\"Name\":\"x\",\"yes\":true,\"n\":-7,"
				   "\"half\":0.5,\"big\":9007199254740993,"
				   "\"edge\":9007199254740992,\"inf\":1e999,"
				   "\"text\":\"9223372036854775807\","
				   "\"low\":\"-9223372036854775808\","
				   "\"over\":\"9223372036854775808\","
				   "\"plus\":\"+1\",\"space\":\" 1\","
				   "\"tail\":\"1 \",\"sign\":\"-\","
				   "\"none\":\"\",\"hex\":\"0x10\","
				   "\"null\":null}";
	static const char *const no_int[] = { "half", "inf", "over", "plus",
		"space", "tail", "sign", "none", "hex", "null", "yes", "Name",
		"absent", "N" };
	cJSON *json = NULL;
	int64_t value = 42;

	(void)state;
	assert_int_equal(
	    carnet_json_parse(text, sizeof(text) - 1, &json, NULL), CARNET_OK);
	assert_string_equal(carnet_json_string(json, "Name"), "x");
	assert_null(carnet_json_string(json, "name"));
	assert_null(carnet_json_string(json, "n"));
	assert_null(carnet_json_get(json, "absent"));
	assert_non_null(carnet_json_get(json, "null"));
	assert_true(carnet_json_bool(json, "yes", false));
	assert_true(carnet_json_bool(json, "n", true));
	assert_false(carnet_json_bool(json, "absent", false));
	for (size_t i = 0; i < sizeof(no_int) / sizeof(no_int[0]); i++)
		if (carnet_json_int(json, no_int[i], &value))
			fail_msg("%s: taken as an integer", no_int[i]);
	assert_int_equal(value, 42);
	assert_true(carnet_json_int(json, "n", &value));
	assert_int_equal(value, -7);
	assert_true(carnet_json_int(json, "edge", &value));
	assert_true(carnet_json_int(json, "text", &value));
	assert_true(value == INT64_MAX);
	assert_true(carnet_json_int(json, "low", &value));
	assert_true(value == INT64_MIN);
	assert_null(carnet_json_get(NULL, "a"));
	cJSON_Delete(json);
}

/* RFC 8259 allows these; carnet refuses NUL and duplicate keys on purpose. */
static bool
refused_on_purpose(const char *name)
{
	static const char *const names[] = { "y_object_duplicated_key.json",
		"y_object_duplicated_key_and_value.json",
		"y_object_escaped_null_in_key.json",
		"y_string_null_escape.json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static enum carnet_status
parse_file(const char *folder, const char *name)
{
	static char text[1 << 20];
	char path[4096];
	enum carnet_status status;
	cJSON *json = NULL;
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	assert_true(len < sizeof(text));
	(void)fclose(file);
	status = parse_exact(text, len, &json, NULL);
	if (status == CARNET_OK)
		cJSON_Delete(json);
	return status;
}

static void
the_test_suite_agrees(void **state)
{
	const char *corpora = getenv("CARNET_CORPORA");
	size_t good = 0, bad = 0, open = 0, wrong = 0;
	struct dirent *entry;
	char folder[2048];
	DIR *dir;

	(void)state;
	if (corpora == NULL)
		skip();
	(void)snprintf(
	    folder, sizeof(folder), "%s/json-nst/test_parsing", corpora);
	dir = opendir(folder);
	if (dir == NULL)
		skip();
	while ((entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		enum carnet_status status, expected = CARNET_INVALID;

		if (name[0] == '.')
			continue;
		status = parse_file(folder, name);
		good += name[0] == 'y';
		bad += name[0] == 'n';
		open += name[0] == 'i';
		if (name[0] == 'y' && !refused_on_purpose(name))
			expected = CARNET_OK;
		if (name[0] == 'i') /* open: yes or no, nothing else */
			expected =
			    status == CARNET_OK ? CARNET_OK : CARNET_INVALID;
		if (status != expected) {
			print_error(
			    "%s: %s\n", name, carnet_status_name(status));
			wrong++;
		}
	}
	(void)closedir(dir);
	assert_int_equal(wrong, 0);
	assert_true(good >= 95 && bad >= 188 && open >= 35);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts_are_accepted),
		cmocka_unit_test(hostile_texts_are_refused),
		cmocka_unit_test(errors_say_where_and_not_what),
		cmocka_unit_test(depth_is_capped),
		cmocka_unit_test(twins_are_found_among_many_keys),
		cmocka_unit_test(size_is_capped),
		cmocka_unit_test(altered_texts_never_surprise),
		cmocka_unit_test(getters_are_typed),
		cmocka_unit_test(the_test_suite_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
