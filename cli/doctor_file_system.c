/* SPDX-License-Identifier: ISC */
/*
 * What a file system can't promise, by its magic number (statfs(2)).
 * What came of trying some of them: docs/reliability.md.
 */
#include "doctor.h"

static const struct {
	uint32_t magic;
	const char *name;
	const char *text; /* a gettext msgid */
} file_systems[] = {
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
	{ 0x7366746e, "ntfs",
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

bool
doctor_file_system(uint32_t magic, const char **ret_name, const char **ret_text)
{
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]);
	     i++) {
		if (magic != file_systems[i].magic)
			continue;
		*ret_name = file_systems[i].name;
		*ret_text = file_systems[i].text;
		return true;
	}
	return false;
}
