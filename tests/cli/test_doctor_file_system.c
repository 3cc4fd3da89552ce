/* SPDX-License-Identifier: ISC */
/*
 * What doctor knows against a file system, by the kernel's own numbers: no
 * such disk and no root is needed.  See cli/doctor.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/magic.h>
#include <string.h>

#include "doctor.h"

/* In no header of the kernel's: */
#define XFS_MAGIC 0x58465342   /* "XFSB" */
#define NTFS_MAGIC 0x5346544e  /* "NTFS", the driver before Linux 6.9 */
#define NTFS3_MAGIC 0x7366746e /* "ntfs", the driver since Linux 5.15 */

/* wanted: words of its text; NULL where nothing is known against it. */
static const struct {
	uint32_t magic;
	const char *name, *wanted[2];
} systems[] = {
	{ MSDOS_SUPER_MAGIC, "vfat", { "no permissions", "a power cut" } },
	{ EXFAT_SUPER_MAGIC, "exfat", { "no permissions", "a power cut" } },
	{ NTFS_MAGIC, "ntfs", { "a power cut", "reported" } },
	{ NTFS3_MAGIC, "ntfs", { "a power cut", "reported" } },
	{ FUSE_SUPER_MAGIC, "fuse", { "a program", "a power cut" } },
	{ TMPFS_MAGIC, "tmpfs", { "memory", "gone" } },
	{ RAMFS_MAGIC, "ramfs", { "memory", "gone" } },
	{ NFS_SUPER_MAGIC, "nfs", { "another machine", "power cuts" } },
	{ CIFS_SUPER_MAGIC, "cifs", { "another machine", "power cuts" } },
	{ SMB2_SUPER_MAGIC, "smb", { "another machine", "power cuts" } },
	{ V9FS_MAGIC, "9p", { "machine underneath", "a power cut" } },
	{ EXT4_SUPER_MAGIC, NULL, { NULL } },
	{ BTRFS_SUPER_MAGIC, NULL, { NULL } },
	{ XFS_MAGIC, NULL, { NULL } },
	{ 0, NULL, { NULL } },
};

static void
known_by_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		const char *name = NULL, *text = NULL;
		bool known = doctor_file_system(systems[i].magic, &name, &text);

		print_message("0x%x\n", (unsigned)systems[i].magic);
		assert_int_equal(known, systems[i].name != NULL);
		if (!known) {
			assert_null(name);
			assert_null(text);
			continue;
		}
		assert_string_equal(name, systems[i].name);
		for (size_t j = 0; j < 2; j++)
			assert_non_null(strstr(text, systems[i].wanted[j]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
