/* SPDX-License-Identifier: ISC */
/*
 * Questions about recipients, decisions, statements, who stands for whom.
 * Writes nothing; what a case's steps mean is vault/consent's.
 */
#include <errno.h>

#include "statement.h"

static const char sql_recipients[] =
    "SELECT id, NULLIF(name, '') AS name, NULLIF(address, '') AS address,"
    " NULLIF(region, '') AS region, NULLIF(email, '') AS email,"
    " NULLIF(country, '') AS country, NULLIF(public, '') AS public FROM "
    "recipients ORDER BY id";
static const char sql_decisions[] =
    "SELECT d.id AS id, d.kind AS kind, d.recipient AS recipient,"
    " d.purposes AS \"purposes[]\", d.scope AS scope, d.made AS made,"
    " d.from_date AS \"from\", d.until_date AS \"until\","
    " d.reason AS reason, d.request AS request, d.basis AS \"basis[]\","
    " d.supersedes AS supersedes, d.withdraws AS withdraws,"
    " d.proof AS proof, d.person AS person_id, p.name AS person"
    " FROM decisions d JOIN persons p ON p.id = d.person"
    " WHERE (:person IS NULL OR d.person = :person)"
    " AND (:recipient IS NULL OR d.recipient = :recipient)"
    " AND (:id IS NULL OR d.id = :id) ORDER BY d.number";
static const char sql_statements[] =
    "SELECT s.id AS id, s.template AS template, s.recipient AS recipient,"
    " s.channel AS channel, s.lang AS lang, s.drafted AS drafted,"
    " s.decision AS decision, s.about AS about, s.document AS document,"
    " s.frozen IS NOT NULL AS \"frozen?\", s.person AS person_id,"
    " p.name AS person,"
    " (SELECT json_group_array(json_object('kind', kind, 'on', on_date,"
    " 'via', via, 'outcome', outcome, 'reason', reason, 'proof', proof))"
    " FROM (SELECT kind, on_date, via, outcome, reason, proof FROM steps"
    " WHERE statement = s.id ORDER BY number)) AS \"steps[]\""
    " FROM statements s JOIN persons p ON p.id = s.person"
    " WHERE (:person IS NULL OR s.person = :person)"
    " AND (:decision IS NULL OR s.decision = :decision)"
    " AND (:id IS NULL OR s.id = :id) ORDER BY s.number";
static const char sql_frozen[] = "SELECT frozen FROM statements WHERE id = :id";
static const char sql_representations[] =
    "SELECT r.person AS person, r.represents AS represents,"
    " r.quality AS \"as\", r.proof AS proof, p.name AS represents_name"
    " FROM representations r JOIN persons p ON p.id = r.represents"
    " ORDER BY r.person, r.represents";
static const char sql_calendar[] =
    "SELECT calendar AS \"calendar[]\" FROM disclosures"
    " WHERE calendar IS NOT NULL ORDER BY number DESC LIMIT 1";

const char *const statements_word[] = { sql_recipients, sql_decisions,
	sql_statements, sql_frozen, sql_representations, sql_calendar, NULL };

enum carnet_status
index_recipients(
    struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_recipients, NULL, ret_array, err);
}

enum carnet_status
index_decisions(struct index *index, const cJSON *filter, cJSON **ret_array,
    struct carnet_error *err)
{
	return index_rows(index, sql_decisions, filter, ret_array, err);
}

enum carnet_status
index_statements(struct index *index, const cJSON *filter, cJSON **ret_array,
    struct carnet_error *err)
{
	return index_rows(index, sql_statements, filter, ret_array, err);
}

enum carnet_status
index_statement_frozen(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err)
{
	cJSON *params = cJSON_CreateObject();
	enum carnet_status status;

	if (cJSON_AddStringToObject(params, "id", id) == NULL) {
		cJSON_Delete(params);
		return carnet_fail_errno(err, ENOMEM, "index");
	}
	status = index_content(index, sql_frozen, params, ret_content, err);
	cJSON_Delete(params);
	return status;
}

enum carnet_status
index_representations(
    struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_representations, NULL, ret_array, err);
}

enum carnet_status
index_calendar(struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_calendar, NULL, ret_array, err);
}
