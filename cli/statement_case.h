/* SPDX-License-Identifier: ISC */
/* One case, for people: statement show, and what every step says at its end. */
#ifndef STATEMENT_CASE_H
#define STATEMENT_CASE_H
#include "letter.h"

/* Where the case of a row of case_list stands, and what to type.  row has
 * "rule_text" (the deadline's rule in words) and "national" besides. */
void statement_case_print(const struct letter_desk *desk, const cJSON *row);
#endif
