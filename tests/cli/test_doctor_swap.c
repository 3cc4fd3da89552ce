/* SPDX-License-Identifier: ISC */
/*
 * Swap on every kind of device, in a made-up /proc/swaps and /sys.
 * See cli/doctor.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"

/* One machine: its swaps ("@" is a file of the scratch folder's device), and
 * what /sys has below that device ("NAME=TEXT" a file, "NAME/" a folder). */
static const struct {
	const char *swaps;
	const char *sys[4];
	enum doctor_swap wanted;
} machines[] = {
	{ "", { NULL }, SWAP_NONE },
	{ "@/swap file 1 0 -2\n", { "size=1" }, SWAP_PLAIN },
	{ "@/swap file 1 0 -2\n", { "dm/uuid=CRYPT-PLAIN-x\n" },
	    SWAP_ENCRYPTED },
	{ "@/swap file 1 0 -2\n", { "dm/uuid=LVM-abc\n" }, SWAP_PLAIN },
	{ "@/swap file 1 0 -2\n",
	    { "dm/uuid=LVM-abc\n", "slaves/dm-0/dm/uuid=CRYPT-LUKS2-x\n" },
	    SWAP_ENCRYPTED },
	{ "@/swap file 1 0 -2\n",
	    { "slaves/dm-0/dm/uuid=CRYPT-LUKS2-x\n", "slaves/sdb1/size=1" },
	    SWAP_PLAIN },
	{ "@/swap file 1 0 -2\n", { "slaves/" }, SWAP_PLAIN },
	{ "@/swap file 1 0 -2\n", { "backing_dev=none\n" }, SWAP_ENCRYPTED },
	{ "@/swap file 1 0 -2\n", { "backing_dev=/dev/sda2\n" }, SWAP_PLAIN },
	{ "/nonexistent/swap file 1 0 -2\n", { "dm/uuid=CRYPT-x\n" },
	    SWAP_UNKNOWN },
	{ "@/swap file 1 0 -2\n", { NULL }, SWAP_UNKNOWN },
	{ "@/swap file 1 0 -2\n/nonexistent/s file 1 0 -3\n",
	    { "dm/uuid=CRYPT-x\n" }, SWAP_UNKNOWN },
	{ "/nonexistent/s file 1 0 -3\n@/swap file 1 0 -2\n",
	    { "dm/uuid=CRYPT-x\n" }, SWAP_UNKNOWN },
	{ "/nonexistent/s file 1 0 -3\n@/swap file 1 0 -2\n", { "size=1" },
	    SWAP_PLAIN },
	{ "@/with\\040space file 1 0 -2\n", { "dm/uuid=CRYPT-x\n" },
	    SWAP_ENCRYPTED },
};

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
make_folders(char *path)
{
	for (char *at = strchr(path + 1, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
}

/* Writes /proc/swaps with "@" as the scratch folder. */
static void
make_swaps(const char *root, const char *lines, char path[PATH_MAX])
{
	char text[8192] = "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n";
	size_t len = strlen(text);

	for (; *lines != '\0'; lines++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    *lines == '@' ? "%s" : "%.1s",
		    *lines == '@' ? root : lines);
	(void)snprintf(path, PATH_MAX, "%s/swaps", root);
	write_file(path, text);
}

static void
test_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		char root[] = "/tmp/carnet-swap-XXXXXX", path[PATH_MAX];
		char swaps[PATH_MAX], sys[PATH_MAX], device[256];
		char command[128];
		enum doctor_swap found;
		struct stat info;

		assert_non_null(mkdtemp(root));
		(void)snprintf(path, sizeof(path), "%s/swap", root);
		write_file(path, "");
		(void)snprintf(path, sizeof(path), "%s/with space", root);
		write_file(path, "");
		assert_int_equal(stat(root, &info), 0);
		for (size_t j = 0; j < 4 && machines[i].sys[j] != NULL; j++) {
			const char *entry = machines[i].sys[j];
			const char *text = strchr(entry, '=');

			(void)snprintf(path, sizeof(path),
			    "%s/sys/dev/block/%u:%u/%.*s", root,
			    major(info.st_dev), minor(info.st_dev),
			    (int)strcspn(entry, "="), entry);
			make_folders(path);
			if (text != NULL)
				write_file(path, text + 1);
		}
		make_swaps(root, machines[i].swaps, swaps);
		(void)snprintf(sys, sizeof(sys), "%s/sys", root);
		found = doctor_swap(swaps, sys, device);
		if (found != machines[i].wanted)
			fail_msg("machine %zu: %d, not %d", i, (int)found,
			    (int)machines[i].wanted);
		assert_int_equal(device[0] != '\0',
		    found == SWAP_PLAIN || found == SWAP_UNKNOWN);
		(void)snprintf(command, sizeof(command), "rm -rf %s", root);
		assert_int_equal(system(command), 0);
	}
}

static void
test_no_list(void **state)
{
	char device[256];

	(void)state;
	assert_int_equal(
	    doctor_swap("/nonexistent", "/sys", device), SWAP_UNKNOWN);
	assert_string_equal(device, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_machines),
		cmocka_unit_test(test_no_list) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
