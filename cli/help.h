/* SPDX-License-Identifier: ISC */
/* Help, made from the tables of verbs and options. */
#ifndef HELP_H
#define HELP_H
#include "session.h"

int help_all(struct session *session);
int help_verb(struct session *session, const struct verb *verb);
const char *help_arguments(const struct verb *verb); /* of its usage */
int help_begin(struct session *session);             /* no vault yet */
int help_version(struct session *session);
int help_unknown(struct session *session, const char *name);
int help_run(struct session *session); /* the verb `help` */
#endif
