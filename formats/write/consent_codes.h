/* SPDX-License-Identifier: ISC */
/* The code systems of a FHIR Consent. */
#ifndef CONSENT_CODES_H
#define CONSENT_CODES_H

#define CODES_TERMINOLOGY "http://terminology.hl7.org/CodeSystem/"
#define CODES_SCOPE CODES_TERMINOLOGY "consentscope"
#define CODES_ACTION CODES_TERMINOLOGY "consentaction"
#define CODES_ACT CODES_TERMINOLOGY "v3-ActCode"
#define CODES_REASON CODES_TERMINOLOGY "v3-ActReason"
#define CODES_PARTICIPATION CODES_TERMINOLOGY "v3-ParticipationType"
#define CODES_ROLE CODES_TERMINOLOGY "v3-RoleCode"
#define CODES_LOINC "http://loinc.org"
#define CODES_DPV "https://w3id.org/dpv#"

#endif
