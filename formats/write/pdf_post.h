/* SPDX-License-Identifier: ISC */
/*
 * What cairo's PDF lacks, as an incremental update behind it: the language,
 * "show the title", and XMP.  Claims neither PDF/A nor PDF/UA: nothing free
 * and packaged could check it.
 */
#ifndef PDF_POST_H
#define PDF_POST_H
#include "carnet_types.h"

struct pdf_facts {
	const char *title;
	const char *lang;     /* wording_tag_ok */
	const char *creation; /* ISO 8601, or "" */
};

/*
 * Appends to a PDF that ends in a classic table of objects.  The caller frees
 * *ret_bytes.  CARNET_DAMAGED: this is no such PDF.
 */
enum carnet_status pdf_post(const uint8_t *pdf, size_t len,
    const struct pdf_facts *facts, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);

#endif
