/* SPDX-License-Identifier: ISC */
/*
 * Sync clients' own configuration: which folders they say they carry away.
 * Reads under the home and under each folder above the directory, as those
 * may be other people's homes.
 */
#ifndef CLIENTS_H
#define CLIENTS_H
#include "inquiry.h"

void clients_judge(struct inquiry *inquiry);

#endif
