/* SPDX-License-Identifier: ISC */
/*
 * How the ledger's events are read again, and the index made of them, as
 * there are more and more: replay FOLDER EVENTS.  FOLDER doesn't exist yet.
 * Prints seconds: writing, reading the ledger alone, building the index, and
 * opening a vault with nothing to do.  replay FOLDER: building it again, in a
 * FOLDER made before, with CPU seconds.  Not run by the tests.
 */
#include "must.h"
#include "vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DOCUMENTS_MAX 100000 /* one for ten events */
#define BATCH 8192

static char ids[DOCUMENTS_MAX][CARNET_ID_TEXT];
static size_t documents;

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu_seconds(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
add_documents(struct carnet_vault *vault)
{
	struct carnet_error err = { 0 };
	char person[CARNET_ID_TEXT];

	must(carnet_person_find(vault, NULL, person, &err), &err);
	for (size_t i = 0; i < documents; i++) {
		cJSON *meta = cJSON_CreateObject();
		uint64_t new_bytes;
		bool duplicate;
		char text[32];
		int len = snprintf(text, sizeof(text), "letter %zu", i);

		(void)cJSON_AddStringToObject(meta, "person", person);
		(void)cJSON_AddStringToObject(meta, "source", text);
		must(carnet_document_add_bytes(vault, text, (size_t)len, meta,
			 ids[i], &new_bytes, &duplicate, &err),
		    &err);
		if (i % BATCH == BATCH - 1 || i == documents - 1)
			must(carnet_commit(vault, &err), &err);
	}
}

/* What people do to their documents, in turn. */
static void
queue_one(struct carnet_vault *vault, size_t number)
{
	static const char *const kinds[] = { "document.tagged",
		"document.noted", "document.edited", "document.tagged" };
	struct carnet_error err = { 0 };
	cJSON *payload = cJSON_CreateObject(), *tags;
	size_t kind = number % 4;
	char text[64];

	(void)snprintf(text, sizeof(text), "%s %zu",
	    kind == 1 ? "a note of today, of some length" : "bilan",
	    kind == 1 ? number : number / 4 % 50);
	(void)cJSON_AddStringToObject(
	    payload, "document", ids[number * 7919 % documents]);
	if (kind == 1 || kind == 2) {
		(void)cJSON_AddStringToObject(
		    payload, kind == 1 ? "text" : "title", text);
	} else {
		tags = cJSON_AddArrayToObject(
		    payload, kind == 0 ? "add" : "remove");
		(void)cJSON_AddItemToArray(tags, cJSON_CreateString(text));
	}
	must(carnet_queue(vault, kinds[kind], NULL, payload, NULL, &err), &err);
}

static enum carnet_status
count_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)event;
	(void)place;
	(void)err;
	(*(size_t *)context)++;
	return CARNET_OK;
}

static double
read_ledger(struct carnet_vault *vault, size_t least)
{
	struct carnet_error err = { 0 };
	size_t problems = 0, count = 0;
	bool unreadable = false;
	const struct ledger_reading reading = { .visit = count_event,
		.context = &count,
		.unreadable = &unreadable };
	double begun = seconds();

	must(ledger_read(vault->ledger, &reading, &problems, &err), &err);
	if (problems > 0 || unreadable || count < least)
		exit(1);
	return seconds() - begun;
}

static struct carnet_vault *
open_vault(const char *path, const struct carnet_unlock *by)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };

	must(carnet_vault_open(path, by, CARNET_WRITE, NULL, &vault, &err),
	    &err);
	return vault;
}

static void
lose_index(const char *path)
{
	char index[4096];

	(void)snprintf(index, sizeof(index), "%s/index.db", path);
	if (unlink(index) != 0)
		exit(1);
}

/* Unlocking is in none of what is printed. */
static void
build_again(const char *path)
{
	struct secret *passphrase = secret_from("pw", 2);
	const struct carnet_unlock typed = { .passphrase = passphrase };
	struct carnet_vault *vault = open_vault(path, &typed);
	struct secret *master =
	    secret_from(secret_peek(vault->master), KEY_LEN);
	const struct carnet_unlock unlock = { .master = master };
	uint64_t events = vault->cursor.seq;
	double begun, cpu;

	carnet_vault_close(vault);
	lose_index(path);
	begun = seconds();
	cpu = cpu_seconds();
	carnet_vault_close(open_vault(path, &unlock));
	begun = seconds() - begun;
	cpu = cpu_seconds() - cpu;
	(void)printf("%llu events: index built %.2f s (%.2f of CPU, %.0f "
		     "events/s)\n",
	    (unsigned long long)events, begun, cpu, (double)events / begun);
	secret_free(master);
	secret_free(passphrase);
}

static void
build_first(const char *path, size_t events)
{
	struct secret *passphrase = secret_from("pw", 2), *words = NULL;
	struct secret *master;
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	double t[6];

	const struct carnet_new new = { .path = path,
		.person = "X",
		.today = "2026-03-05",
		.cost = CARNET_INTERACTIVE,
		.passphrase = passphrase };

	documents = events / 10 < DOCUMENTS_MAX ? events / 10 : DOCUMENTS_MAX;
	must(carnet_vault_create(&new, &vault, &words, &err), &err);
	master = secret_from(secret_peek(vault->master), KEY_LEN);
	add_documents(vault);
	t[0] = seconds();
	for (size_t i = 0; i < events; i++) {
		queue_one(vault, i);
		if (i % BATCH == BATCH - 1 || i == events - 1)
			must(carnet_commit(vault, &err), &err);
	}
	t[1] = seconds();
	t[2] = read_ledger(vault, events);
	carnet_vault_close(vault);
	lose_index(path);
	const struct carnet_unlock unlock = { .master = master };

	t[3] = seconds();
	carnet_vault_close(open_vault(path, &unlock));
	t[4] = seconds();
	carnet_vault_close(open_vault(path, &unlock));
	t[5] = seconds();
	events += documents + 1; /* the person's */
	(void)printf("%zu events: written %.2f s, ledger read %.3f s (%.0f "
		     "events/s), index built %.2f s (%.0f events/s), opened "
		     "%.0f ms\n",
	    events, t[1] - t[0], t[2], (double)events / t[2], t[4] - t[3],
	    (double)events / (t[4] - t[3]), 1000 * (t[5] - t[4]));
	secret_free(master);
	secret_free(words);
	secret_free(passphrase);
}

int
main(int argc, char **argv)
{
	size_t events = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (argc == 2) {
		build_again(argv[1]);
		return 0;
	}
	if (events < 10)
		return 2;
	build_first(argv[1], events);
	return 0;
}
