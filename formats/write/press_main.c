/* SPDX-License-Identifier: ISC */
/*
 * carnet-press: makes letters and dossiers out of what it is given on its
 * standard input, and of nothing else.  Holds no key, opens no vault.
 * Frames and jobs are described in ../include/formats.h.
 */
#include "fonts.h"
#include "press.h"
#include "press_cage.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef CARNET_SANITIZED
/* Leaks are looked for in the tests of the writers: LeakSanitizer needs to
 * trace the process, which the launcher's cage denies. */
int __lsan_is_turned_off(void);
int
__lsan_is_turned_off(void)
{
	return 1;
}
#endif

int
main(void)
{
	struct carnet_error err = { 0 };
	struct letters *letters = NULL;
	const char *readable[4] = { carnet_texts_folder(),
		"/usr/share/zoneinfo", NULL, NULL };
	enum carnet_status status;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)carnet_texts_choose(NULL);
	(void)CARNET_("a letter"); /* loads the catalogue before the cage */
	/* without fonts, text and HTML still work: PDF will say so */
	if (fonts_load(NULL) == CARNET_OK)
		readable[2] = fonts_folder();
	status = letters_load(&letters, &err);
	if (status == CARNET_OK)
		status = press_serve(letters, STDIN_FILENO, STDOUT_FILENO,
		    press_cage(readable), &err);
	letters_free(letters);
	fonts_unload();
	return status == CARNET_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
