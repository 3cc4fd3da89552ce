/* SPDX-License-Identifier: ISC */
/*
 * Does what is swapped out land on an encrypted disk?  Reads /proc/swaps and
 * follows each device down through /sys.  The contract is in doctor.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"

#define SWAP_DEPTH 8 /* LVM on RAID on LUKS... */

/* The first line of a file beneath; "" if there is none. */
static void
swap_line(int folder, const char *name, char line[256])
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, line, 255);

	line[len < 0 ? 0 : len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

static int
swap_folder(int folder, const char *name)
{
	return openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool swap_is_encrypted(int folder, int depth);

/* Whether it stands on other devices, all of them encrypted. */
static bool
swap_are_encrypted_below(int folder, int depth)
{
	int fd = depth < SWAP_DEPTH ? swap_folder(folder, "slaves") : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool all = true;
	int count = 0;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL) {
		int below;

		if (entry->d_name[0] == '.')
			continue;
		count++;
		below = swap_folder(fd, entry->d_name);
		all = below >= 0 && swap_is_encrypted(below, depth + 1) && all;
		if (below >= 0)
			(void)close(below);
	}
	(void)closedir(dir);
	return count > 0 && all;
}

/* Whether all that a block device writes goes through dm-crypt, or into
 * memory (zram without a disk behind it). */
static bool
swap_is_encrypted(int folder, int depth)
{
	char line[256];

	swap_line(folder, "dm/uuid", line);
	if (strncmp(line, "CRYPT-", 6) == 0)
		return true;
	swap_line(folder, "backing_dev", line);
	if (line[0] != '\0') /* only zram has it */
		return strcmp(line, "none") == 0;
	return swap_are_encrypted_below(folder, depth);
}

/* One device or file of swap; false: it can't be seen. */
static bool
swap_look(const char *name, const char *sys, bool *ret_encrypted)
{
	char folder[512];
	struct stat info;
	dev_t device;
	int fd;

	if (stat(name, &info) != 0)
		return false;
	device = S_ISBLK(info.st_mode) ? info.st_rdev : info.st_dev;
	(void)snprintf(folder, sizeof(folder), "%.400s/dev/block/%u:%u", sys,
	    major(device), minor(device));
	fd = swap_folder(AT_FDCWD, folder);
	if (fd < 0)
		return false;
	*ret_encrypted = swap_is_encrypted(fd, 0);
	(void)close(fd);
	return true;
}

/* Undoes \040 and the like. */
static void
swap_unescape(char *text)
{
	char *out = text;

	while (*text != '\0') {
		unsigned byte;

		if (sscanf(text, "\\%3o", &byte) == 1 && byte > 0 &&
		    byte < 256) {
			*out++ = (char)byte;
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

enum doctor_swap
doctor_swap(const char *swaps, const char *sys, char device[256])
{
	enum doctor_swap found = SWAP_NONE;
	char line[4096];
	FILE *file = fopen(swaps, "re");

	device[0] = '\0';
	if (file == NULL)
		return SWAP_UNKNOWN;
	if (fgets(line, sizeof(line), file) == NULL) /* the heading */
		line[0] = '\0';
	while (fgets(line, sizeof(line), file) != NULL) {
		enum doctor_swap one = SWAP_UNKNOWN;
		bool encrypted = false;

		line[strcspn(line, " \t\n")] = '\0';
		swap_unescape(line);
		if (line[0] == '\0')
			continue;
		if (swap_look(line, sys, &encrypted))
			one = encrypted ? SWAP_ENCRYPTED : SWAP_PLAIN;
		if (one != SWAP_ENCRYPTED && device[0] == '\0')
			(void)snprintf(device, 256, "%.255s", line);
		if (one == SWAP_PLAIN || found != SWAP_PLAIN)
			found = found == SWAP_UNKNOWN && one != SWAP_PLAIN
				    ? SWAP_UNKNOWN
				    : one;
	}
	(void)fclose(file);
	return found;
}
