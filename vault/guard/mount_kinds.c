/* SPDX-License-Identifier: ISC */
/*
 * From a mount's type, source and options to a verdict, by providers.json.
 * Knows nothing of folders.  The contract is in mount_kinds.h.
 */
#include "mount_kinds.h"

#include <string.h>
#include <sys/vfs.h>

#include "providers.h"
#include "remotes.h"

static enum guard_verdict
mount_verdict(const cJSON *provider, const cJSON *rule)
{
	static const struct {
		const char *word;
		enum guard_verdict verdict;
	} words[] = { { "cloud", GUARD_CLOUD }, { "remote", GUARD_REMOTE },
		{ "unknown", GUARD_UNKNOWN }, { "sync", GUARD_CLOUD },
		{ "mount", GUARD_CLOUD }, { "network", GUARD_REMOTE },
		{ "host", GUARD_REMOTE } };
	const char *word = carnet_json_string(rule, "verdict");

	if (word == NULL)
		word = carnet_json_string(provider, "kind");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word != NULL && strcmp(word, words[i].word) == 0)
			return words[i].verdict;
	return GUARD_UNKNOWN;
}

static bool
mount_rule_matches(
    const cJSON *rule, const struct mount_entry *entry, const char *beneath)
{
	return carnet_json_string(rule, "type") != NULL &&
	       providers_match_glob(
		   carnet_json_string(rule, "type"), entry->type) &&
	       providers_match_glob(
		   carnet_json_string(rule, "source"), entry->source) &&
	       providers_match_glob(
		   carnet_json_string(rule, "option"), entry->options) &&
	       providers_match_glob(carnet_json_string(rule, "path"), beneath);
}

/* The first provider with a matching rule; *ret_rule is the rule. */
static const cJSON *
mount_provider(const cJSON *list, const struct mount_entry *entry,
    const char *beneath, const cJSON **ret_rule)
{
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *rule;

		cJSON_ArrayForEach(rule, carnet_json_get(provider, "mounts"))
		{
			if (mount_rule_matches(rule, entry, beneath)) {
				*ret_rule = rule;
				return provider;
			}
		}
	}
	return NULL;
}

/* How many levels above the directory the mount's point is. */
static size_t
mount_level(const struct inquiry *inquiry, const struct mount_entry *entry)
{
	size_t level = chain_find_text(inquiry->chain, entry->point);

	return level != SIZE_MAX ? level : 0;
}

/* An overlay keeps what is written in a folder of another mount.  At the
 * root of a container that folder is the machine's own. */
static void
mount_judge_overlay(struct inquiry *inquiry, const struct mount_table *table,
    const struct mount_entry *entry)
{
	const struct mount_entry *under = NULL;
	char upper[PATH_MAX];
	const cJSON *rule = NULL;
	const cJSON *provider;

	if (strcmp(entry->point, "/") == 0) {
		inquiry_note(inquiry, GUARD_LOCAL, "", 0,
		    CARNET_("the container's own disk (%s)"), entry->type);
		return;
	}
	if (mounts_option(entry->options, "upperdir", upper) && upper[0] == '/')
		under = mounts_holding(table, -1, upper);
	if (under == NULL || under == entry) {
		inquiry_note(inquiry, GUARD_UNKNOWN, "",
		    mount_level(inquiry, entry),
		    CARNET_("%s is an overlay (%s); where it keeps what is "
			    "written can't be seen"),
		    entry->point, entry->type);
		return;
	}
	provider = mount_provider(
	    inquiry->list, under, mounts_beneath(under, upper), &rule);
	if (provider != NULL)
		inquiry_note(inquiry, mount_verdict(provider, rule),
		    carnet_json_string(provider, "id"),
		    mount_level(inquiry, entry),
		    CARNET_("%s is an overlay kept in %s, which is %s"),
		    entry->point, upper, carnet_json_string(provider, "name"));
	else if (providers_match(carnet_json_get(inquiry->list, "local_mounts"),
		     under->type))
		inquiry_note(inquiry, GUARD_LOCAL, "", 0,
		    CARNET_("an overlay kept in %s (%s)"), upper, under->type);
	else
		inquiry_note(inquiry, GUARD_UNKNOWN, "",
		    mount_level(inquiry, entry),
		    CARNET_("%s is an overlay kept in %s (%s)"), entry->point,
		    upper, under->type);
}

/* Whose it is, and which of a person's remotes where that can be told. */
static void
mount_note(struct inquiry *inquiry, const cJSON *provider, const cJSON *rule,
    const struct mount_entry *entry)
{
	const char *name = carnet_json_string(provider, "name");
	struct remote remote;

	if (remotes_find(inquiry, provider, entry->source, &remote))
		inquiry_note(inquiry, mount_verdict(provider, rule),
		    carnet_json_string(provider, "id"),
		    mount_level(inquiry, entry),
		    CARNET_("%s is %s, mounted from %s (%s): a remote of kind "
			    "%s, says %s"),
		    entry->point, name, entry->source, entry->type, remote.kind,
		    remote.file);
	else
		inquiry_note(inquiry, mount_verdict(provider, rule),
		    carnet_json_string(provider, "id"),
		    mount_level(inquiry, entry),
		    CARNET_("%s is %s, mounted from %s (%s)"), entry->point,
		    name, entry->source, entry->type);
}

bool
mount_kinds_judge(struct inquiry *inquiry, const struct mount_table *table,
    const struct mount_entry *entry)
{
	const char *beneath = mounts_beneath(entry, inquiry->chain->path);
	const cJSON *rule = NULL;
	const cJSON *provider =
	    mount_provider(inquiry->list, entry, beneath, &rule);
	const char *kind = carnet_json_string(provider, "kind");

	if (provider != NULL) {
		mount_note(inquiry, provider, rule, entry);
		return kind != NULL && strcmp(kind, "host") == 0;
	}
	if (providers_match(carnet_json_get(inquiry->list, "overlay_mounts"),
		entry->type)) {
		mount_judge_overlay(inquiry, table, entry);
		return false;
	}
	if (!providers_match(
		carnet_json_get(inquiry->list, "local_mounts"), entry->type)) {
		inquiry_note(inquiry, GUARD_UNKNOWN, "",
		    mount_level(inquiry, entry),
		    CARNET_("%s is a kind of mount that carnet doesn't know "
			    "(%s)"),
		    entry->point, entry->type);
		return false;
	}
	if (strcmp(entry->type, "tmpfs") != 0 &&
	    mounts_is_window(table, entry)) {
		inquiry_note(inquiry, GUARD_UNKNOWN, "",
		    mount_level(inquiry, entry),
		    CARNET_("%s shows %s, a folder of a disk that isn't "
			    "visible from here"),
		    entry->point, entry->root);
		return false;
	}
	inquiry_note(inquiry, GUARD_LOCAL, "", 0,
	    CARNET_("a disk of this machine (%s)"), entry->type);
	return false;
}

void
mount_kinds_judge_magic(struct inquiry *inquiry, int dir_fd)
{
	static const struct {
		uint32_t magic;
		enum guard_verdict verdict;
		const char *provider;
	} kinds[] = {
		{ 0x6969, GUARD_REMOTE, "nfs" },
		{ 0x517b, GUARD_REMOTE, "smb" },
		{ 0xfe534d42, GUARD_REMOTE, "smb" },
		{ 0xff534d42, GUARD_REMOTE, "smb" },
		{ 0x00c36400, GUARD_REMOTE, "cluster" },
		{ 0x0bd00bd0, GUARD_REMOTE, "cluster" },
		{ 0x73757245, GUARD_REMOTE, "cluster" },
		{ 0x5346414f, GUARD_REMOTE, "cluster" },
		{ 0x6b414653, GUARD_REMOTE, "cluster" },
		{ 0x786f4256, GUARD_REMOTE, "virtualbox" },
		{ 0xbacbacbc, GUARD_REMOTE, "vmware" },
		{ 0x01021997, GUARD_UNKNOWN, "host-folder" },
		{ 0x65735546, GUARD_UNKNOWN, "" },
		{ 0x794c7630, GUARD_UNKNOWN, "" },
	};
	struct statfs system;

	if (fstatfs(dir_fd, &system) != 0)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((uint32_t)system.f_type == kinds[i].magic)
			inquiry_note(inquiry, kinds[i].verdict,
			    kinds[i].provider, 0,
			    CARNET_("the kernel says its file system is of "
				    "kind 0x%x"),
			    (unsigned)kinds[i].magic);
}
