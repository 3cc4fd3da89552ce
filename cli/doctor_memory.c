/* SPDX-License-Identifier: ISC */
/*
 * Where secrets are kept while carnet runs: locked memory, swap, the
 * kernel's keyring; and whether there is randomness to make keys of.
 * Swap is looked at in doctor_swap.c.
 */
#include <linux/keyctl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"

#define MEMORY_SECRETS ((size_t)64 << 10) /* more than carnet ever holds */

static void
memory_locked(struct doctor *doctor)
{
	struct secret *secret = secret_new(MEMORY_SECRETS);
	bool locked = secret != NULL && secret_is_locked(secret);
	struct rlimit limit = { 0 };

	secret_free(secret);
	(void)getrlimit(RLIMIT_MEMLOCK, &limit);
	if (locked)
		doctor_note(doctor, "memory", true, "%s",
		    _("secrets are kept in locked memory, which is never "
		      "swapped out"));
	else
		doctor_note(doctor, "memory", false,
		    _("secrets can't be locked in memory and may be swapped "
		      "out: the limit is %llu KiB; raise it with ulimit -l "
		      "1024, or memlock in /etc/security/limits.conf"),
		    (unsigned long long)limit.rlim_cur / 1024);
}

static void
memory_swap(struct doctor *doctor)
{
	char device[256];

	switch (doctor_swap("/proc/swaps", "/sys", device)) {
	case SWAP_NONE:
		doctor_note(doctor, "swap", true, "%s",
		    _("there is no swap: no memory lands on a disk"));
		return;
	case SWAP_ENCRYPTED:
		doctor_note(
		    doctor, "swap", true, "%s", _("all swap is encrypted"));
		return;
	case SWAP_PLAIN:
		doctor_note(doctor, "swap", false,
		    _("swap is not encrypted (%s): a page of a document that "
		      "you look at can stay on that disk.  Turn it off "
		      "(swapoff -a and /etc/fstab), or encrypt it "
		      "(/etc/crypttab, with /dev/urandom as its key)"),
		    device);
		return;
	case SWAP_UNKNOWN:
	default:
		doctor_note(doctor, "swap", false,
		    _("it can't be seen from here whether swap is encrypted "
		      "(%s): look at it on the machine itself, with lsblk"),
		    device[0] == '\0' ? "/proc/swaps" : device);
	}
}

/* Puts a word into the keyring of this process, and reads it back. */
static bool
memory_keyring_works(void)
{
	static const char word[] = "carnet doctor";
	char back[sizeof(word)] = "";
	long key = syscall(SYS_add_key, "user", "carnet-doctor", word,
	    sizeof(word), KEY_SPEC_PROCESS_KEYRING);
	long len;

	if (key < 0)
		return false;
	len = syscall(SYS_keyctl, KEYCTL_READ, key, back, sizeof(back));
	(void)syscall(SYS_keyctl, KEYCTL_REVOKE, key);
	return len == (long)sizeof(word) && memcmp(word, back, len) == 0;
}

void
doctor_memory(struct doctor *doctor)
{
	bool keyring = memory_keyring_works(), random;
	uint8_t bytes[32];

	memory_locked(doctor);
	memory_swap(doctor);
	doctor_note(doctor, "keyring", keyring, "%s",
	    keyring ? _("the kernel's keyring can be used")
		    : _("the kernel's keyring can't be used here (a container "
			"may forbid it): the passphrase is asked for each "
			"time"));
	random = getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) ==
		 (ssize_t)sizeof(bytes);
	doctor_note(doctor, "entropy", random, "%s",
	    random ? _("the kernel gives randomness for keys")
		   : _("the kernel has not gathered enough randomness yet: "
		       "wait a minute before you make a vault"));
}
