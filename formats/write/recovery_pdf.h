/* SPDX-License-Identifier: ISC */
/*
 * The recovery sheet as a PDF of one page: what it opens, the words, the same
 * words as a QR code, what to type.
 * Says nothing of its own: every text stands in the job.
 */
#ifndef RECOVERY_PDF_H
#define RECOVERY_PDF_H
#include "carnet_types.h"

/*
 * job: a recovery sheet's (see formats.h).  The caller wipes and frees
 * *ret_bytes.  CARNET_INVALID: the job is not one, or the sheet would not fit
 * on a page.
 */
enum carnet_status write_recovery_pdf(const cJSON *job, uint8_t **ret_bytes,
    size_t *ret_len, struct carnet_error *err);

#endif
