/* SPDX-License-Identifier: ISC */
/*
 * Making a backup, from the destination's lock to the report.  Whether it may
 * be made at all is backup_ledger.c's.  The contract is
 * include/carnet_backup.h.
 */
#include "backup_run.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double
backup_clock(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static cJSON *
backup_report(struct backup_run *run, double seconds)
{
	const struct carnet_backup_options *options = run->options;
	cJSON *report = cJSON_CreateObject();

	if (options->dry_run)
		(void)cJSON_AddNullToObject(report, "snapshot");
	else
		(void)cJSON_AddStringToObject(
		    report, "snapshot", run->snapshot.id);
	(void)cJSON_AddNumberToObject(report, "new_bytes",
	    (double)(options->dry_run ? run->bytes_to_copy : run->new_bytes));
	(void)cJSON_AddNumberToObject(
	    report, "total_bytes", (double)snapshot_bytes(&run->snapshot));
	(void)cJSON_AddNumberToObject(
	    report, "packs_new", (double)run->packs_new);
	(void)cJSON_AddNumberToObject(report, "seconds", seconds);
	carnet_json_give(&report, "warnings", &run->warnings);
	carnet_json_give(&report, "problems", &run->problems);
	return report;
}

enum carnet_status
carnet_backup_make(struct carnet_vault *vault, const char *path,
    const struct carnet_backup_options *options, cJSON **ret_report,
    struct carnet_error *err)
{
	struct backup_run run = {
		.vault = vault, .options = options, .fd = -1, .lock_fd = -1
	};
	double begun = backup_clock();
	enum carnet_status status = CARNET_OK;

	run.warnings = cJSON_CreateArray();
	run.problems = cJSON_CreateArray();
	if (run.warnings == NULL || run.problems == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	if (status == CARNET_OK)
		status = backup_open_place(&run, path, err);
	if (status == CARNET_OK && !options->dry_run)
		status = vault->access == CARNET_WRITE
			     ? carnet_commit(vault, err) /* a new device's */
			     : backup_hold_still(&run, err);
	if (status == CARNET_OK)
		status = backup_check_ledger(&run, err);
	if (status == CARNET_OK)
		status = backup_plan(&run, err);
	if (status == CARNET_OK && !options->dry_run)
		status = backup_write(&run, err);
	if (status == CARNET_OK)
		*ret_report = backup_report(&run, backup_clock() - begun);
	if (status == CARNET_OK && *ret_report == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	cJSON_Delete(run.warnings);
	cJSON_Delete(run.problems);
	snapshot_clear(&run.snapshot);
	snapshot_clear(&run.judged);
	claims_clear(&run.claims);
	free(run.missing);
	seen_clear(&run.seen);
	ledger_gaps_clear(&run.gaps);
	if (run.lock_fd >= 0)
		(void)close(run.lock_fd);
	if (run.fd >= 0)
		(void)close(run.fd);
	return status;
}
