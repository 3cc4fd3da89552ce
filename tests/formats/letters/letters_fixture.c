/* SPDX-License-Identifier: ISC */
/* The fixture of the letters' tests.  The contract is letters_fixture.h. */
#include "letters_fixture.h"

#include "formats.h"

int
letters_fixture_load(void **state)
{
	struct letters *letters = NULL;

	if (letters_load(&letters, NULL) != CARNET_OK)
		return -1;
	*state = letters;
	return 0;
}

int
letters_fixture_free(void **state)
{
	letters_free(*state);
	return 0;
}
