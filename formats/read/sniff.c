/* SPDX-License-Identifier: ISC */
/*
 * The media type of a document from its first 4 KiB: fixed signatures first,
 * then text by what it begins with.  Opens nothing, allocates nothing.
 * The contract: sniff.h; JSON and Markdown: sniff_text.c.
 */
#include "sniff.h"

#include <string.h>

struct sniff_signature {
	const char *type;
	size_t offset;
	size_t len;
	const char *bytes;
};

/* In order; the first that fits wins. */
static const struct sniff_signature signatures[] = {
	{ "application/pdf", 0, 5, "%PDF-" },
	{ "image/png", 0, 8, "\x89PNG\r\n\x1a\n" },
	{ "image/jpeg", 0, 3, "\xff\xd8\xff" },
	{ "image/gif", 0, 6, "GIF87a" },
	{ "image/gif", 0, 6, "GIF89a" },
	{ "application/dicom", 128, 4, "DICM" },
	{ "image/tiff", 0, 4, "II*\0" },
	{ "image/tiff", 0, 4, "MM\0*" },
	{ "image/tiff", 0, 4, "II+\0" }, /* more than 4 GiB */
	{ "image/tiff", 0, 4, "MM\0+" },
	{ "image/heic", 4, 8, "ftypheic" },
	{ "image/heic", 4, 8, "ftypheix" },
	{ "image/heic", 4, 8, "ftypmif1" },
	{ "application/zip", 0, 4, "PK\x03\x04" },
	{ "application/zip", 0, 4, "PK\x05\x06" }, /* without entries */
	{ "application/zip", 0, 4, "PK\x07\x08" }, /* in several parts */
	{ "application/gzip", 0, 3, "\x1f\x8b\x08" },
	{ "application/rtf", 0, 5, "{\\rtf" },
};

static bool
sniff_at(const uint8_t *bytes, size_t len, size_t offset, const char *what,
    size_t what_len)
{
	return offset <= len && len - offset >= what_len &&
	       memcmp(bytes + offset, what, what_len) == 0;
}

static const char *
sniff_binary(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]);
	     i++) {
		const struct sniff_signature *row = &signatures[i];

		if (sniff_at(bytes, len, row->offset, row->bytes, row->len))
			return row->type;
	}
	if (sniff_at(bytes, len, 0, "RIFF", 4) &&
	    sniff_at(bytes, len, 8, "WEBP", 4))
		return "image/webp";
	if (sniff_dicom_elements(bytes, len))
		return "application/dicom";
	return NULL;
}

/* Poppler takes a PDF whose header stands anywhere in its first 1,024 bytes.
 * So does this, where a line begins with it and an object follows. */
static bool
sniff_late_pdf(const uint8_t *bytes, size_t len)
{
	size_t end = len < 1024 ? len : 1024;
	bool header = false;

	for (size_t i = 1; i < end && !header; i++)
		header = sniff_at(bytes, len, i, "%PDF-", 5) &&
			 (bytes[i - 1] == '\n' || bytes[i - 1] == '\r' ||
			     bytes[i - 1] < 0x20 || bytes[i - 1] >= 0x80);
	if (!header)
		return false;
	for (size_t i = 1; i + 4 <= len; i++) {
		if (sniff_at(bytes, len, i, " obj", 4) && bytes[i - 1] >= '0' &&
		    bytes[i - 1] <= '9')
			return true;
	}
	return false;
}

/* HL7 v2, chapter 2: MSH, the field separator, four or five separators; a
 * file or batch header; one message may stand in its MLLP block. */
static bool
sniff_hl7v2(const char *text, size_t len)
{
	static const char *const headers[] = { "MSH", "FHS", "BHS" };
	char field;

	if (len > 0 && text[0] == '\x0b') {
		text++;
		len--;
	}
	if (len < 9)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (memcmp(text, headers[i], 3) != 0)
			continue;
		field = text[3];
		if (field < '!' || field > '~')
			return false;
		for (size_t j = 3; j < 8; j++) {
			char c = text[j];
			bool alnum = (c >= '0' && c <= '9') ||
				     (c >= 'A' && c <= 'Z') ||
				     (c >= 'a' && c <= 'z');

			if (c < '!' || c > '~' || alnum ||
			    (j > 3 && c == field))
				return false;
		}
		return text[8] == field || (len > 9 && text[9] == field);
	}
	return false;
}

/* How much of these bytes is well-formed UTF-8 (RFC 3629); a sequence that is
 * cut off by the end counts as well formed. */
static bool
sniff_is_utf8(const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint8_t lead = bytes[i++];
		uint8_t low = 0x80, high = 0xbf;
		int more;

		if (lead < 0x80)
			continue;
		if (lead < 0xc2 || lead > 0xf4)
			return false;
		more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
		if (lead == 0xe0)
			low = 0xa0;
		else if (lead == 0xed)
			high = 0x9f;
		else if (lead == 0xf0)
			low = 0x90;
		else if (lead == 0xf4)
			high = 0x8f;
		for (; more > 0 && i < len; more--, i++) {
			if (bytes[i] < low || bytes[i] > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}

/* Text of one byte a character: almost no controls, more ASCII than not. */
static bool
sniff_is_narrow_text(const uint8_t *bytes, size_t len)
{
	size_t controls = 0, high = 0, odd = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c == 0)
			return false;
		if (c < 0x20 && (c < '\t' || c > '\r') && c != 0x1b)
			controls++;
		else if (c >= 0x80 && c < 0xa0)
			odd++;
		else if (c >= 0xa0)
			high++;
	}
	if (sniff_is_utf8(bytes, len))
		return controls * 20 <= len;
	return controls * 100 <= len && odd * 8 <= len + 8 &&
	       (odd + high) * 3 <= len;
}

/* UTF-16 with its mark, made narrow: what isn't ASCII becomes '?'.  0 when it
 * isn't UTF-16 (UTF-32 has two NULs behind the same mark). */
static size_t
sniff_narrow(const uint8_t *bytes, size_t len, char text[SNIFF_LEN])
{
	bool little = sniff_at(bytes, len, 0, "\xff\xfe", 2);
	size_t out = 0, controls = 0;

	if (!little && !sniff_at(bytes, len, 0, "\xfe\xff", 2))
		return 0;
	for (size_t i = 2; i + 1 < len; i += 2) {
		uint8_t low = bytes[little ? i : i + 1];
		uint8_t high = bytes[little ? i + 1 : i];

		if (high == 0 && low == 0)
			return 0;
		if (high == 0 && low < 0x20 && (low < '\t' || low > '\r'))
			controls++;
		text[out++] = high == 0 && low < 0x80 ? (char)low : '?';
	}
	return controls * 20 <= out ? out : 0;
}

static const char *
sniff_text(const char *text, size_t len, bool whole)
{
	const char *type;

	if (sniff_hl7v2(text, len))
		return "application/hl7-v2";
	type = sniff_json(text, len, whole);
	if (type == NULL)
		type = sniff_markup(text, len);
	if (type == NULL && sniff_markdown(text, len))
		type = "text/markdown";
	return type != NULL ? type : "text/plain";
}

const char *
sniff_type(const uint8_t *bytes, size_t len, bool whole)
{
	char narrow[SNIFF_LEN];
	const char *type;
	size_t narrow_len;

	if (len > SNIFF_LEN) {
		len = SNIFF_LEN;
		whole = false;
	}
	if (len == 0)
		return "application/x-empty";
	type = sniff_binary(bytes, len);
	if (type != NULL)
		return type;
	narrow_len = sniff_narrow(bytes, len, narrow);
	if (narrow_len > 0)
		return sniff_text(narrow, narrow_len, whole);
	if (sniff_late_pdf(bytes, len))
		return "application/pdf";
	if (sniff_at(bytes, len, 0, "\xef\xbb\xbf", 3)) {
		bytes += 3;
		len -= 3;
	}
	if (!sniff_is_narrow_text(bytes, len))
		return "application/octet-stream";
	return sniff_text((const char *)bytes, len, whole);
}
