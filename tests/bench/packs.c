/* SPDX-License-Identifier: ISC */
/*
 * A vault of many small packs, standing for one of many bytes: packs FOLDER
 * PACKS DOCUMENTS.  FOLDER doesn't exist yet; the passphrase is that of
 * tests/bench/run.  All of it is synthetic.  Not run by the tests.
 */
#include "must.h"
#include "vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add_one(struct carnet_vault *vault, const char *person, size_t number)
{
	struct carnet_error err = { 0 };
	cJSON *meta = cJSON_CreateObject();
	char id[CARNET_ID_TEXT], text[32];
	bool duplicate;
	int len = snprintf(text, sizeof(text), "letter %zu", number);

	(void)cJSON_AddStringToObject(meta, "person", person);
	(void)cJSON_AddStringToObject(meta, "source", text);
	(void)cJSON_AddBoolToObject(meta, "unread", true);
	must(carnet_document_add_bytes(
		 vault, text, (size_t)len, meta, id, NULL, &duplicate, &err),
	    &err);
}

int
main(int argc, char **argv)
{
	static const char passphrase_text[] = "correct horse battery";
	struct secret *passphrase =
	    secret_from(passphrase_text, sizeof(passphrase_text) - 1);
	size_t packs = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	size_t documents = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	struct secret *words = NULL;
	char person[CARNET_ID_TEXT];
	const struct carnet_new new = { .path = argv[1],
		.person = "X",
		.today = "2026-03-05",
		.cost = CARNET_INTERACTIVE,
		.passphrase = passphrase };

	if (packs < 1 || documents < packs)
		return 2;
	must(carnet_vault_create(&new, &vault, &words, &err), &err);
	must(carnet_person_find(vault, NULL, person, &err), &err);
	for (size_t i = 0; i < documents; i++) {
		add_one(vault, person, i);
		if ((i + 1) * packs / documents > i * packs / documents)
			must(carnet_commit(vault, &err), &err);
	}
	carnet_vault_close(vault);
	secret_free(words);
	secret_free(passphrase);
	return 0;
}
