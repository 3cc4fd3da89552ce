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

/* What can't be promised, by the file system's magic number. */
static const struct {
	uint32_t magic;
	const char *name;
	const char *text; /* a gettext msgid */
} place_systems[] = {
	{ 0x4d44, "vfat",
	    N_("no permissions, so every user of this machine may read the "
	       "files (they are encrypted); a power cut may lose files that "
	       "were reported; no file over 4 GiB") },
	{ 0x2011bab0, "exfat",
	    N_("no permissions, so every user of this machine may read the "
	       "files (they are encrypted); a power cut may lose files that "
	       "were reported") },
	{ 0x01021994, "tmpfs",
	    N_("it is memory: all of it is gone when the machine stops") },
	{ 0x858458f6, "ramfs",
	    N_("it is memory: all of it is gone when the machine stops") },
	{ 0x5346544e, "ntfs",
	    N_("a power cut may lose files that were reported") },
	{ 0x6969, "nfs",
	    N_("another machine holds the files; locks and power cuts are "
	       "its business") },
	{ 0xff534d42, "cifs",
	    N_("another machine holds the files; locks and power cuts are "
	       "its business") },
	{ 0xfe534d42, "smb",
	    N_("another machine holds the files; locks and power cuts are "
	       "its business") },
	{ 0x01021997, "9p",
	    N_("the machine underneath holds the files; what a power cut "
	       "leaves is its business") },
	{ 0x65735546, "fuse",
	    N_("a program holds the files; what a power cut leaves is its "
	       "business") },
};

static void
place_file_system(struct doctor *doctor, int fd)
{
	struct statfs system;

	if (fstatfs(fd, &system) != 0) {
		doctor_note(doctor, "file-system", false,
		    _("its file system can't be asked"));
		return;
	}
	for (size_t i = 0; i < sizeof(place_systems) / sizeof(place_systems[0]);
	     i++) {
		if ((uint32_t)system.f_type != place_systems[i].magic)
			continue;
		doctor_note(doctor, "file-system", false,
		    _("%s: %s.  Keep the vault on a disk with ext4, btrfs or "
		      "xfs, and use this one for backups"),
		    place_systems[i].name, _(place_systems[i].text));
		return;
	}
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
