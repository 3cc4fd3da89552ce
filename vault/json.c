/* SPDX-License-Identifier: ISC */
/*
 * JSON in: a strict scan (RFC 8259 and our own caps), then cJSON.  cJSON
 * alone takes trailing text, duplicate keys and broken UTF-8.
 * Writes no JSON.  The contract is in include/carnet_types.h.
 */
#include "carnet_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JSON_MAX_LEN ((size_t)64 << 20)
#define JSON_MAX_DEPTH 64
#define JSON_FEW_KEYS 12 /* up to here comparing all pairs is cheaper */

/* A key as it stands in the text, without its quotes. */
struct json_key {
	const unsigned char *at;
	uint32_t len;     /* bytes in the text */
	uint32_t decoded; /* bytes once decoded; less than len: has escapes */
};

/*
 * The scan: one pass, no recursion.  The keys of all open objects lie in one
 * array, each object's own from its first_key on, and are compared when it
 * closes.
 */
struct json_scan {
	const unsigned char *text, *at, *end;
	const char *problem; /* msgid; set once */
	struct json_key *keys;
	size_t keys_len, keys_size;
	bool no_memory;
	int depth;
	struct {
		bool object;
		size_t first_key;
	} open[JSON_MAX_DEPTH];
};

static bool
json_problem(struct json_scan *scan, const char *msgid)
{
	scan->problem = msgid;
	return false;
}

static void
json_skip_space(struct json_scan *scan)
{
	while (
	    scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
					*scan->at == '\r' || *scan->at == '\t'))
		scan->at++;
}

/* The value of 4 hexadecimal digits, or -1. */
static int
json_hex4(const unsigned char *at, const unsigned char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = at[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return -1;
		value = value * 16 + c;
	}
	return value;
}

/*
 * One character from *at (not a plain ASCII one, not a quote): the number of
 * its bytes, 0 if it isn't UTF-8 as in RFC 3629 (no overlong form, no
 * surrogate, nothing above U+10FFFF).
 */
static int
json_utf8_len(const unsigned char *at, const unsigned char *end)
{
	unsigned char low = 0x80, high = 0xBF;
	int len;

	if (*at >= 0xC2 && *at <= 0xDF)
		len = 2;
	else if (*at >= 0xE0 && *at <= 0xEF)
		len = 3;
	else if (*at >= 0xF0 && *at <= 0xF4)
		len = 4;
	else
		return 0;
	if (end - at < len)
		return 0;
	if (*at == 0xE0)
		low = 0xA0;
	else if (*at == 0xED)
		high = 0x9F;
	else if (*at == 0xF0)
		low = 0x90;
	else if (*at == 0xF4)
		high = 0x8F;
	if (at[1] < low || at[1] > high)
		return 0;
	for (int i = 2; i < len; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

/*
 * An escape at at[0] == '\\': the bytes it takes in the text, or 0 (and
 * *ret_problem) if it isn't one.  *ret_code: the character.
 */
static int
json_escape(const unsigned char *at, const unsigned char *end,
    uint32_t *ret_code, const char **ret_problem)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int high, low;

	*ret_problem = CARNET_N_("unknown escape");
	if (end - at < 2 || at[1] == '\0')
		return 0;
	found = strchr(letters, at[1]);
	if (found != NULL) {
		*ret_code = (unsigned char)meant[found - letters];
		return 2;
	}
	if (at[1] != 'u')
		return 0;
	high = json_hex4(at + 2, end);
	if (high < 0)
		return 0;
	if (high == 0) {
		*ret_problem = CARNET_N_("NUL in a string");
		return 0;
	}
	if (high < 0xD800 || high > 0xDFFF) {
		*ret_code = (uint32_t)high;
		return 6;
	}
	*ret_problem = CARNET_N_("half a surrogate pair");
	if (high > 0xDBFF || end - at < 12 || at[6] != '\\' || at[7] != 'u')
		return 0;
	low = json_hex4(at + 8, end);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	*ret_code = 0x10000U + (((uint32_t)high - 0xD800U) << 10) +
		    (uint32_t)low - 0xDC00U;
	return 12;
}

/* Writes the character as UTF-8 and returns its length. */
static int
json_utf8_put(uint32_t code, unsigned char bytes[4])
{
	if (code < 0x80) {
		bytes[0] = (unsigned char)code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = (unsigned char)(0xC0 | code >> 6);
		bytes[1] = (unsigned char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		bytes[0] = (unsigned char)(0xE0 | code >> 12);
		bytes[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
		bytes[2] = (unsigned char)(0x80 | (code & 0x3F));
		return 3;
	}
	bytes[0] = (unsigned char)(0xF0 | code >> 18);
	bytes[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
	bytes[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
	bytes[3] = (unsigned char)(0x80 | (code & 0x3F));
	return 4;
}

/* The first byte that isn't plain text of a string: most go by here. */
static const unsigned char *
json_skip_plain(const unsigned char *at, const unsigned char *end)
{
	while (
	    at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* A string whose opening quote is at *at.  ret_key: what stood in it. */
static bool
json_scan_string(struct json_scan *scan, struct json_key *ret_key)
{
	const unsigned char *start = ++scan->at;
	size_t saved = 0; /* bytes that escapes take more than they mean */

	while (scan->at < scan->end) {
		const char *problem = NULL;
		unsigned char bytes[4];
		uint32_t code = 0;
		int len = 0;

		scan->at = json_skip_plain(scan->at, scan->end);
		if (scan->at == scan->end)
			break;
		if (*scan->at == '"') {
			size_t raw = (size_t)(scan->at++ - start);

			*ret_key = (struct json_key){ .at = start,
				.len = (uint32_t)raw,
				.decoded = (uint32_t)(raw - saved) };
			return true;
		}
		if (*scan->at < 0x20)
			return json_problem(
			    scan, CARNET_N_("control character in a string"));
		if (*scan->at == '\\') {
			len = json_escape(scan->at, scan->end, &code, &problem);
			if (len == 0)
				return json_problem(scan, problem);
			saved += (size_t)(len - json_utf8_put(code, bytes));
		} else {
			len = json_utf8_len(scan->at, scan->end);
			if (len == 0)
				return json_problem(
				    scan, CARNET_N_("not UTF-8"));
		}
		scan->at += len;
	}
	return json_problem(scan, CARNET_N_("a string without its end"));
}

static bool
json_is_digit(const struct json_scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static bool
json_scan_digits(struct json_scan *scan)
{
	if (!json_is_digit(scan))
		return json_problem(scan, CARNET_N_("not a number"));
	while (json_is_digit(scan))
		scan->at++;
	return true;
}

static bool
json_scan_number(struct json_scan *scan)
{
	if (*scan->at == '-')
		scan->at++;
	if (scan->at < scan->end && *scan->at == '0')
		scan->at++;
	else if (!json_scan_digits(scan))
		return false;
	if (scan->at < scan->end && *scan->at == '.') {
		scan->at++;
		if (!json_scan_digits(scan))
			return false;
	}
	if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
		scan->at++;
		if (scan->at < scan->end &&
		    (*scan->at == '+' || *scan->at == '-'))
			scan->at++;
		return json_scan_digits(scan);
	}
	return true;
}

static bool
json_scan_word(struct json_scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->at) < len ||
	    memcmp(scan->at, word, len) != 0)
		return json_problem(scan, CARNET_N_("not a value"));
	scan->at += len;
	return true;
}

/* The next decoded byte of a key; `held` keeps what an escape gave. */
struct json_decoder {
	const unsigned char *at, *end;
	unsigned char held[4];
	int held_len, held_at;
};

static int
json_decoder_next(struct json_decoder *decoder)
{
	const char *problem;
	uint32_t code = 0;

	if (decoder->held_at < decoder->held_len)
		return decoder->held[decoder->held_at++];
	if (decoder->at == decoder->end)
		return -1;
	if (*decoder->at != '\\')
		return *decoder->at++;
	decoder->at += json_escape(decoder->at, decoder->end, &code, &problem);
	decoder->held_len = json_utf8_put(code, decoder->held);
	decoder->held_at = 1;
	return decoder->held[0];
}

/* An order of decoded keys: by length, then by bytes. */
static int
json_key_compare(const void *left, const void *right)
{
	const struct json_key *a = left, *b = right;
	struct json_decoder from_a, from_b;
	int byte_a, byte_b;

	if (a->decoded != b->decoded)
		return a->decoded < b->decoded ? -1 : 1;
	if (a->len == a->decoded && b->len == b->decoded)
		return memcmp(a->at, b->at, a->len);
	from_a = (struct json_decoder){ .at = a->at, .end = a->at + a->len };
	from_b = (struct json_decoder){ .at = b->at, .end = b->at + b->len };
	do {
		byte_a = json_decoder_next(&from_a);
		byte_b = json_decoder_next(&from_b);
	} while (byte_a == byte_b && byte_a >= 0);
	return byte_a - byte_b;
}

static bool
json_keys_differ(struct json_key *keys, size_t len)
{
	if (len > JSON_FEW_KEYS) {
		qsort(keys, len, sizeof(*keys), json_key_compare);
		for (size_t i = 1; i < len; i++)
			if (json_key_compare(&keys[i - 1], &keys[i]) == 0)
				return false;
		return true;
	}
	for (size_t i = 1; i < len; i++)
		for (size_t j = 0; j < i; j++)
			if (json_key_compare(&keys[i], &keys[j]) == 0)
				return false;
	return true;
}

static bool
json_keep_key(struct json_scan *scan, const struct json_key *key)
{
	if (scan->keys_len == scan->keys_size) {
		size_t size = scan->keys_size == 0 ? 64 : scan->keys_size * 2;
		struct json_key *keys =
		    realloc(scan->keys, size * sizeof(*keys));

		if (keys == NULL) {
			scan->no_memory = true;
			return false;
		}
		scan->keys = keys;
		scan->keys_size = size;
	}
	scan->keys[scan->keys_len++] = *key;
	return true;
}

/* A key, the colon after it, and the space around. */
static bool
json_scan_key(struct json_scan *scan)
{
	struct json_key key;

	json_skip_space(scan);
	if (scan->at == scan->end || *scan->at != '"')
		return json_problem(scan, CARNET_N_("a key is missing"));
	if (!json_scan_string(scan, &key) || !json_keep_key(scan, &key))
		return false;
	json_skip_space(scan);
	if (scan->at == scan->end || *scan->at != ':')
		return json_problem(scan, CARNET_N_("a colon is missing"));
	scan->at++;
	return true;
}

/* '[' or '{' at *at; *ret_empty: its end followed at once, it is closed. */
static bool
json_scan_open(struct json_scan *scan, bool *ret_empty)
{
	bool object = *scan->at == '{';

	if (scan->depth == JSON_MAX_DEPTH)
		return json_problem(scan, CARNET_N_("nested too deeply"));
	scan->at++;
	json_skip_space(scan);
	*ret_empty = scan->at < scan->end && *scan->at == (object ? '}' : ']');
	if (*ret_empty) {
		scan->at++;
		return true;
	}
	scan->open[scan->depth].object = object;
	scan->open[scan->depth].first_key = scan->keys_len;
	scan->depth++;
	return !object || json_scan_key(scan);
}

/* The end of the innermost array or object at *at. */
static bool
json_scan_close(struct json_scan *scan)
{
	size_t first = scan->open[scan->depth - 1].first_key;

	if (scan->open[scan->depth - 1].object) {
		if (!json_keys_differ(
			scan->keys + first, scan->keys_len - first))
			return json_problem(scan,
			    CARNET_N_(
				"a key given twice in the object that ends"));
		scan->keys_len = first;
	}
	scan->depth--;
	scan->at++;
	return true;
}

/* After a value: closes what ends here, stops before the next value. */
static bool
json_scan_after(struct json_scan *scan)
{
	for (;;) {
		bool object;

		json_skip_space(scan);
		if (scan->depth == 0)
			return true;
		object = scan->open[scan->depth - 1].object;
		if (scan->at < scan->end && *scan->at == ',') {
			scan->at++;
			return !object || json_scan_key(scan);
		}
		if (scan->at == scan->end || *scan->at != (object ? '}' : ']'))
			return json_problem(
			    scan, CARNET_N_("a comma or an end is missing"));
		if (!json_scan_close(scan))
			return false;
	}
}

static bool
json_scan_value(struct json_scan *scan, bool *ret_opened)
{
	struct json_key ignored;
	bool empty = false;

	*ret_opened = false;
	json_skip_space(scan);
	if (scan->at == scan->end)
		return json_problem(scan, CARNET_N_("a value is missing"));
	switch (*scan->at) {
	case '{':
	case '[':
		if (!json_scan_open(scan, &empty))
			return false;
		*ret_opened = !empty;
		return true;
	case '"':
		return json_scan_string(scan, &ignored);
	case 't':
		return json_scan_word(scan, "true");
	case 'f':
		return json_scan_word(scan, "false");
	case 'n':
		return json_scan_word(scan, "null");
	default:
		if (*scan->at != '-' && !json_is_digit(scan))
			return json_problem(scan, CARNET_N_("not a value"));
		return json_scan_number(scan);
	}
}

static bool
json_scan_text(struct json_scan *scan)
{
	do {
		bool opened = true;

		while (opened)
			if (!json_scan_value(scan, &opened))
				return false;
		if (!json_scan_after(scan))
			return false;
	} while (scan->depth > 0);
	if (scan->at < scan->end)
		return json_problem(scan, CARNET_N_("text after the end"));
	return true;
}

enum carnet_status
carnet_json_parse(
    const char *text, size_t len, cJSON **ret_json, struct carnet_error *err)
{
	struct json_scan scan = { 0 };
	cJSON *json;
	bool good;

	if (len > JSON_MAX_LEN)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("JSON: larger than 64 MiB"));
	if (text == NULL || len == 0)
		return carnet_fail(err, CARNET_INVALID, CARNET_("JSON: empty"));
	scan.text = scan.at = (const unsigned char *)text;
	scan.end = scan.text + len;
	good = json_scan_text(&scan);
	free(scan.keys);
	if (!good && !scan.no_memory)
		return carnet_fail(err, CARNET_INVALID,
		    /* what is wrong, and after how many bytes */
		    CARNET_("JSON: %s at byte %zu"), CARNET_(scan.problem),
		    (size_t)(scan.at - scan.text));
	/* what the scan took cJSON takes, unless it has no memory */
	json = good ? cJSON_ParseWithLength(text, len) : NULL;
	if (json == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("JSON: not enough memory"));
	*ret_json = json;
	return CARNET_OK;
}

const cJSON *
carnet_json_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *
carnet_json_string(const cJSON *object, const char *key)
{
	const cJSON *item = carnet_json_get(object, key);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

bool
carnet_json_bool(const cJSON *object, const char *key, bool fallback)
{
	const cJSON *item = carnet_json_get(object, key);

	return cJSON_IsBool(item) ? cJSON_IsTrue(item) != 0 : fallback;
}

void
carnet_json_give(cJSON **object, const char *key, cJSON **item)
{
	if (*object == NULL || *item == NULL ||
	    !cJSON_AddItemToObject(*object, key, *item)) {
		cJSON_Delete(*object);
		cJSON_Delete(*item);
		*object = NULL;
	}
	*item = NULL;
}

bool
carnet_json_int(const cJSON *object, const char *key, int64_t *ret)
{
	const double limit = 9007199254740992.0; /* 2^53 */
	const cJSON *item = carnet_json_get(object, key);
	char *end;
	long long value;

	if (cJSON_IsNumber(item)) {
		double number = item->valuedouble;

		if (!(number >= -limit && number <= limit) ||
		    (double)(int64_t)number != number)
			return false;
		*ret = (int64_t)number;
		return true;
	}
	if (!cJSON_IsString(item))
		return false;
	end = item->valuestring;
	if (*end == '-')
		end++;
	if (*end < '0' || *end > '9') /* strtoll would skip space and plus */
		return false;
	errno = 0;
	value = strtoll(item->valuestring, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*ret = value;
	return true;
}
