/* SPDX-License-Identifier: ISC */
/*
 * One row of what check, repair, compact and backups tell.  The contract is in
 * carnet_types.h.
 */
#include "carnet_types.h"

bool
carnet_problem_add(
    cJSON *problems, const char *kind, const char *id, const char *detail)
{
	cJSON *problem = cJSON_CreateObject();

	if (cJSON_AddStringToObject(problem, "kind", kind) != NULL &&
	    cJSON_AddStringToObject(problem, "id", id) != NULL &&
	    cJSON_AddStringToObject(problem, "detail", detail) != NULL &&
	    cJSON_AddItemToArray(problems, problem))
		return true;
	cJSON_Delete(problem);
	return false;
}
