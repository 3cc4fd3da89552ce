/* SPDX-License-Identifier: ISC */
/*
 * DICOM data sets that lack the preamble and its "DICM": told from the rest
 * by their first data elements.  Reads no value.
 * Explicit and implicit VR, both byte orders: DICOM PS3.5, 7.1 and annex A.
 */
#include "sniff.h"

#include <string.h>

enum { DICOM_ENOUGH = 3 }; /* elements in order, to call it DICOM */

struct dicom_syntax {
	bool is_explicit, big;
};

static uint32_t
dicom_number(const uint8_t *bytes, int size, bool big)
{
	uint32_t value = 0;

	for (int i = 0; i < size; i++)
		value |= (uint32_t)bytes[big ? size - 1 - i : i] << (8 * i);
	return value;
}

static bool
dicom_vr_is_known(const uint8_t *vr, bool *ret_long)
{
	static const char short_vrs[] = "AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTM"
					"UIULUS";
	static const char long_vrs[] = "OBODOFOLOVOWSQSVUCUNURUTUV";

	for (size_t i = 0; i + 1 < sizeof(short_vrs); i += 2) {
		if (memcmp(vr, short_vrs + i, 2) == 0) {
			*ret_long = false;
			return true;
		}
	}
	for (size_t i = 0; i + 1 < sizeof(long_vrs); i += 2) {
		if (memcmp(vr, long_vrs + i, 2) == 0) {
			*ret_long = true;
			return true;
		}
	}
	return false;
}

/* The head of the element at *offset: its tag and its value's length; moves
 * *offset to the value. */
static bool
dicom_element(const uint8_t *bytes, size_t len, struct dicom_syntax syntax,
    size_t *offset, uint32_t *ret_tag, uint32_t *ret_len)
{
	const uint8_t *head = bytes + *offset;
	size_t left = len - *offset;
	bool is_long = false;

	if (left < 8)
		return false;
	*ret_tag = dicom_number(head, 2, syntax.big) << 16 |
		   dicom_number(head + 2, 2, syntax.big);
	if (!syntax.is_explicit) {
		*ret_len = dicom_number(head + 4, 4, syntax.big);
		*offset += 8;
		return true;
	}
	if (!dicom_vr_is_known(head + 4, &is_long))
		return false;
	if (!is_long) {
		*ret_len = dicom_number(head + 6, 2, syntax.big);
		*offset += 8;
		return true;
	}
	if (left < 12 || head[6] != 0 || head[7] != 0)
		return false;
	*ret_len = dicom_number(head + 8, 4, syntax.big);
	*offset += 12;
	return true;
}

/* Elements that follow each other in ascending order, from group 2 or 8. */
static bool
dicom_walk(const uint8_t *bytes, size_t len, struct dicom_syntax syntax)
{
	uint32_t previous = 0;
	size_t offset = 0;
	int count = 0;

	while (count < DICOM_ENOUGH) {
		uint32_t tag, value_len, group;

		if (!dicom_element(
			bytes, len, syntax, &offset, &tag, &value_len))
			return false;
		group = tag >> 16;
		if (count == 0 && group != 2 && group != 8)
			return false;
		if (group > 0x20 || tag <= previous)
			return false;
		if (value_len == 0xffffffff) /* a sequence without a length */
			return count > 0;
		if (value_len % 2 != 0 || value_len > 0xffff)
			return false;
		count++;
		previous = tag;
		if (value_len >= len - offset)
			return count > 1 && value_len == len - offset;
		offset += value_len;
	}
	return true;
}

bool
sniff_dicom_elements(const uint8_t *bytes, size_t len)
{
	static const struct dicom_syntax syntaxes[] = { { true, false },
		{ false, false }, { true, true } };

	for (size_t i = 0; i < sizeof(syntaxes) / sizeof(syntaxes[0]); i++) {
		if (dicom_walk(bytes, len, syntaxes[i]))
			return true;
	}
	return false;
}
