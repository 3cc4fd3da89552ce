/* SPDX-License-Identifier: ISC */
/*
 * The vault's folder: who may enter it, what its file system promises, who
 * else sees it; and whether the clock can be right.  Opens no vault.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"
#include "place.h"

#define PLACE_EARLIEST ((time_t)1767225600) /* 2026: carnet's first year */
#define PLACE_LATEST ((time_t)4102444800)   /* 2100 */
#define PLACE_SLACK 86400                   /* a clock is set now and then */

static void
place_file_system(struct doctor *doctor, int fd)
{
	const char *name, *text;
	struct statfs system;

	if (fstatfs(fd, &system) != 0)
		doctor_note(doctor, "file-system", false,
		    _("its file system can't be asked"));
	else if (doctor_file_system((uint32_t)system.f_type, &name, &text))
		doctor_note(doctor, "file-system", false,
		    _("%s: %s.  Keep the vault on a disk with ext4, btrfs or "
		      "xfs, and use this one for backups"),
		    name, _(text));
	else
		doctor_note(doctor, "file-system", true, "%s",
		    _("nothing is known against its file system"));
}

static void
place_folder(struct doctor *doctor, int fd, bool is_vault)
{
	const char *path = doctor->session->vault_path;
	struct stat info;

	if (!is_vault) {
		doctor_note(doctor, "folder", true,
		    _("there is no vault at %s yet"), path);
		return;
	}
	if (fstat(fd, &info) != 0) {
		doctor_note(doctor, "folder", false,
		    _("the vault's folder can't be asked"));
	} else if (info.st_uid != geteuid()) {
		doctor_note(doctor, "folder", false,
		    _("the vault's folder belongs to another user: use "
		      "carnet as they, or chown -R it"));
	} else if ((info.st_mode & 077) != 0) {
		doctor_note(doctor, "folder", false,
		    _("other users may enter the vault's folder: chmod 700 "
		      "%s"),
		    path);
	} else {
		doctor_note(doctor, "folder", true,
		    _("only you may enter the vault's folder"));
	}
}

static void
place_others(struct doctor *doctor, int fd)
{
	struct session *session = doctor->session;
	struct guard_place place;

	if (place_judge(session, fd, &place) != CARNET_OK)
		doctor_note(doctor, "place", false, "%s", session->err.message);
	else if (place.verdict <= GUARD_OWN)
		doctor_note(doctor, "place", true,
		    _("nobody else that carnet knows of sees the vault's "
		      "place (%s)"),
		    place.evidence);
	else
		doctor_note(doctor, "place", false,
		    _("others may see the vault's place: %s (%s).  It is "
		      "encrypted; keep it on a disk of your own all the same, "
		      "and put a backup there instead"),
		    guard_verdict_name(place.verdict), place.evidence);
}

/* The newest time that the vault's own folders carry. */
static time_t
place_newest(int fd)
{
	static const char *const names[] = { ".", "carnet.head", "ledger",
		"packs" };
	time_t newest = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat info;

		if (fstatat(fd, names[i], &info, AT_SYMLINK_NOFOLLOW) == 0 &&
		    info.st_mtim.tv_sec > newest)
			newest = info.st_mtim.tv_sec;
	}
	return newest;
}

static void
place_clock(struct doctor *doctor, int fd, bool is_vault)
{
	time_t now = time(NULL);

	if (now < PLACE_EARLIEST || now > PLACE_LATEST)
		doctor_note(doctor, "clock", false, "%s",
		    _("the clock can't be right: deadlines would be wrong.  "
		      "Set it (timedatectl)"));
	else if (is_vault && place_newest(fd) > now + PLACE_SLACK)
		doctor_note(doctor, "clock", false, "%s",
		    _("the vault was written to later than the clock says it "
		      "is: set the clock (timedatectl)"));
	else
		doctor_note(doctor, "clock", true, "%s",
		    _("the clock may well be right"));
}

void
doctor_place(struct doctor *doctor)
{
	struct session *session = doctor->session;
	char *missing = NULL;
	int fd = -1;
	bool is_vault =
	    carnet_vault_probe(session->vault_path, NULL) == CARNET_OK;

	if (guard_open_nearest(session->vault_path, &fd, &missing,
		&session->err) != CARNET_OK) {
		doctor_note(
		    doctor, "folder", false, "%s", session->err.message);
		return;
	}
	place_folder(doctor, fd, is_vault);
	place_file_system(doctor, fd);
	place_others(doctor, fd);
	place_clock(doctor, fd, is_vault);
	free(missing);
	(void)close(fd);
}
