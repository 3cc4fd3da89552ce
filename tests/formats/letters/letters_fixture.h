/* SPDX-License-Identifier: ISC */
/* The letters' own data, loaded once for all tests of a file. */
#ifndef LETTERS_FIXTURE_H
#define LETTERS_FIXTURE_H

/* *state is a struct letters until the second; cmocka's own shape. */
int letters_fixture_load(void **state);
int letters_fixture_free(void **state);
#endif
