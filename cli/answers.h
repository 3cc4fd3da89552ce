/* SPDX-License-Identifier: ISC */
/* What to write, or do, when they answer badly: formats/letters/answers.json.
 */
#ifndef ANSWERS_H
#define ANSWERS_H
#include "letter.h"

/* Adds "answers" to a row of case_list: [{id, they, template, command}], those
 * that the state of the case allows. */
void answers_add(const struct letter_desk *desk, cJSON *row);
#endif
