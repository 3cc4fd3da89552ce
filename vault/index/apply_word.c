/* SPDX-License-Identifier: ISC */
/*
 * Events of a person's word to rows: recipients, decisions, statements,
 * steps.  What a case's steps mean is vault/consent's.
 */
#include "apply.h"

#include <errno.h>

static const char sql_recipient_set[] =
    "INSERT INTO recipients (id, name, address, region, email, country,"
    " public, changed) VALUES (:recipient, :name, :address, :region, :email,"
    " :country, :public, :_at) ON CONFLICT (id) DO UPDATE SET"
    " name = COALESCE(:name, name), address = COALESCE(:address, address),"
    " region = COALESCE(:region, region), email = COALESCE(:email, email),"
    " country = COALESCE(:country, country),"
    " public = COALESCE(:public, public), changed = :_at";
static const char sql_decision_add[] =
    "INSERT INTO decisions (number, id, kind, person, recipient, purposes,"
    " scope, made, from_date, until_date, reason, request, basis, supersedes,"
    " withdraws, proof, recorded) VALUES"
    " ((SELECT COALESCE(MAX(number), 0) + 1 FROM decisions), :_id, :kind,"
    " :person, :recipient, COALESCE(:purposes, '[]'),"
    " COALESCE(:scope, 'all'), :_on, :from, :until, :reason, :request,"
    " COALESCE(:basis, '[]'), :supersedes, :withdraws, :proof, :_at)";
static const char sql_decision_known[] =
    "SELECT 1 WHERE :decision IS NULL OR EXISTS (SELECT 1 FROM decisions"
    " WHERE id = :decision)";
static const char sql_statement_add[] =
    "INSERT INTO statements (number, id, person, decision, template,"
    " recipient, channel, lang, drafted, about, document, recorded) VALUES"
    " ((SELECT COALESCE(MAX(number), 0) + 1 FROM statements), :_id, :person,"
    " :decision, :template, :recipient, :channel, :lang, :_on, :about,"
    " :document, :_at)";
static const char sql_statement_known[] =
    "SELECT 1 FROM statements WHERE id = :statement";
static const char sql_step_add[] =
    "INSERT INTO steps (statement, number, kind, on_date, via, outcome,"
    " reason, proof, recorded) VALUES (:statement,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM steps"
    " WHERE statement = :statement), :kind, :_on, :via, :outcome, :reason,"
    " :proof, :_at)";
static const char sql_statement_channel[] =
    "UPDATE statements SET channel = COALESCE(:via, channel)"
    " WHERE id = :statement AND :kind = 'sent'";
static const char sql_statement_freeze[] =
    "UPDATE statements SET frozen = :blob WHERE id = :statement";

const char *const statements_word_apply[] = { sql_recipient_set,
	sql_decision_add, sql_decision_known, sql_statement_add,
	sql_statement_known, sql_step_add, sql_statement_channel,
	sql_statement_freeze, NULL };

enum carnet_status
apply_recipient_set(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_recipient_set, err);
}

enum carnet_status
apply_decision_made(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_decision_add, err);
}

enum carnet_status
apply_statement_drafted(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status =
	    apply_expect(apply, sql_decision_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_statement_add, err);
	return status;
}

enum carnet_status
apply_statement_step(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status =
	    apply_expect(apply, sql_statement_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_step_add, err);
	if (status == CARNET_OK)
		status = apply_run(apply, sql_statement_channel, err);
	if (status == CARNET_OK &&
	    carnet_json_get(apply->payload, "frozen") != NULL)
		status = apply_run_content(
		    apply, sql_statement_freeze, "frozen", err);
	return status;
}
