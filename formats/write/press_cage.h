/* SPDX-License-Identifier: ISC */
/*
 * What carnet-press takes from itself before it reads its job: sockets, new
 * programs, writing of files, files other than its fonts, core dumps, and
 * more memory and time than a dossier needs.
 */
#ifndef PRESS_CAGE_H
#define PRESS_CAGE_H

/*
 * readable: folders that may still be read, NULL-terminated.  Never fails:
 * returns what META says, "seccomp" or "none", as far as the kernel goes.
 * Must come before any thread is started, or after all have ended.
 */
const char *press_cage(const char *const *readable);

#endif
