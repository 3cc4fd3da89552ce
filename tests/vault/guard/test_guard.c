/* SPDX-License-Identifier: ISC */
/*
 * The guard's judgement in scratch homes: each client's configuration, marks
 * and names, links, trust, hostile files.  Mounts: test_mount_kinds.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "dconf_fixture.h"
#include "guard.h"
#include "providers.h"
#include "scratch.h"

struct place_test {
	char home[PATH_MAX];
	char config_home[PATH_MAX];
	char mountinfo[PATH_MAX];
	const char *trusted[4];
	size_t trusted_len;
	struct guard_place place;
};

static int
home_make(void **state)
{
	struct place_test *test = calloc(1, sizeof(*test));

	assert_non_null(test);
	scratch_make(test->home);
	scratch_folder(test->home, "Documents");
	scratch_file(test->home, ".mounts",
	    "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");
	scratch_path(test->mountinfo, test->home, ".mounts");
	*state = test;
	return 0;
}

static int
home_remove(void **state)
{
	struct place_test *test = *state;

	scratch_remove(test->home);
	free(test);
	return 0;
}

static void
home_again(struct place_test *test)
{
	scratch_remove(test->home);
	assert_int_equal(mkdir(test->home, 0700), 0);
	scratch_folder(test->home, "Documents");
	scratch_file(test->home, ".mounts",
	    "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");
}

/* Judges home/relative and keeps the place. */
static enum guard_verdict
judge(struct place_test *test, const char *relative)
{
	const struct guard_surroundings surroundings = { .home = test->home,
		.config_home = test->config_home,
		.mountinfo = test->mountinfo,
		.trusted = test->trusted,
		.trusted_len = test->trusted_len };
	struct carnet_error err;
	char path[PATH_MAX];
	int fd;

	scratch_path(path, test->home, relative);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	memset(&test->place, 0x55, sizeof(test->place));
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, &err), CARNET_OK);
	assert_int_equal(close(fd), 0);
	assert_true(strlen(test->place.evidence) > 0);
	assert_null(strchr(test->place.evidence, '\n'));
	return test->place.verdict;
}

static void
assert_cloud(struct place_test *test, const char *relative, const char *id)
{
	enum guard_verdict verdict = judge(test, relative);

	if (verdict != GUARD_CLOUD || strcmp(test->place.provider, id) != 0)
		fail_msg("%s: %s %s (%s), not cloud %s", relative,
		    guard_verdict_name(verdict), test->place.provider,
		    test->place.evidence, id);
}

static void
assert_local(struct place_test *test, const char *relative)
{
	enum guard_verdict verdict = judge(test, relative);

	if (verdict != GUARD_LOCAL)
		fail_msg("%s: %s (%s), not local", relative,
		    guard_verdict_name(verdict), test->place.evidence);
}

/* One client's configuration; "@" is the home.  `folder` is carried away. */
static const struct {
	const char *id, *file, *text, *folder;
} configs[] = {
	{ "dropbox", ".dropbox/info.json",
	    "{\"personal\": {\"path\": \"@/Cloud\", \"host\": 1, "
	    "\"is_team\": false}}",
	    "Cloud" },
	{ "dropbox", ".dropbox/info.json",
	    "{\"personal\": {\"path\": \"/nowhere\"}, \"business\": "
	    "{\"path\": \"@/Work\", \"root_path\": \"@/Team\"}}",
	    "Work" },
	{ "dropbox", ".dropbox/info.json",
	    "{\"business\": {\"path\": \"@/Team/Me\", \"root_path\": "
	    "\"@/Team\"}}",
	    "Team" },
	{ "dropbox", ".var/app/com.dropbox.Client/.dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Flat\"}}", "Flat" },
	{ "dropbox", ".config/maestral/maestral.ini",
	    "[auth]\nkeyring = automatic\n\n[sync]\npath = @/Maestral\n",
	    "Maestral" },
	{ "onedrive", ".config/onedrive/config",
	    "# comment\nsync_dir = \"~/Files\"\nskip_dir = \"a|b\"\n",
	    "Files" },
	{ "onedrive", ".config/onedrive/config", "sync_dir=\"$HOME/O\"\n",
	    "O" },
	{ "onedrive", ".config/onedrive/config", "skip_dir = \"a|b\"\n",
	    "OneDrive" },
	{ "onedrive", ".config/onedrive/refresh_token", "synthetic\n",
	    "OneDrive" },
	{ "onedrive", ".config/onedrive-work/config",
	    "sync_dir = \"@/Business\"\n", "Business" },
	{ "onedrive", ".config/onedrive/accounts/me/config",
	    "[onedrive]\nsync_dir = \"~/Gui\"\n", "Gui" },
	{ "nextcloud", ".config/Nextcloud/nextcloud.cfg",
	    "[General]\nclientVersion=3.16.2\n\n[Accounts]\n"
	    "0\\Folders\\1\\ignoreHiddenFiles=false\n"
	    "0\\Folders\\1\\localPath=@/Wolke/\n"
	    "0\\Folders\\1\\targetPath=/\n0\\url=https://cloud.example\n",
	    "Wolke" },
	{ "nextcloud", ".config/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n0\\FoldersWithPlaceholders\\2\\localPath=@/Virt\n",
	    "Virt" },
	{ "nextcloud", ".config/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n1\\Multifolders\\7\\localPath=\"@/a, b\"\n", "a, b" },
	{ "nextcloud", ".config/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Sant\\xe9 \\x152/\n",
	    "Sant\xc3\xa9 \xc5\x92" },
	{ "nextcloud", ".config/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Sant\xc3\xa9/\r\n",
	    "Sant\xc3\xa9" },
	{ "nextcloud",
	    ".var/app/com.nextcloud.desktopclient.nextcloud/config/Nextcloud/"
	    "nextcloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/NcFlat/\n", "NcFlat" },
	{ "owncloud", ".config/ownCloud/owncloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Own/\n", "Own" },
	{ "owncloud", ".config/OpenCloud/opencloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Open/\n", "Open" },
	{ "syncthing", ".local/state/syncthing/config.xml",
	    "<configuration version=\"37\">\n"
	    "  <folder id=\"a\" label=\"x\" path=\"@/Shared\" "
	    "type=\"sendreceive\">\n    <device id=\"Y\"></device>\n"
	    "  </folder>\n  <defaults><folder id=\"\" path=\"~\"/></defaults>"
	    "\n</configuration>\n",
	    "Shared" },
	{ "syncthing", ".config/syncthing/config.xml",
	    "<?xml version='1.0'?><!-- <folder path=\"/\"/> --><configuration>"
	    "<folder id='b' path='~/A&amp;B &#xE9;&#233;'/></configuration>",
	    "A&B \xc3\xa9\xc3\xa9" },
	{ "resilio", ".config/resilio-sync/config.json",
	    "{\"shared_folders\": [{\"dir\": \"@/R1\"}, {\"dir\": "
	    "\"@/R2\"}]}",
	    "R2" },
	{ "yandex-disk", ".config/yandex-disk/config.cfg",
	    "auth=\"@/.config/yandex-disk/passwd\"\ndir=\"@/Ya\"\n"
	    "proxy=\"no\"\n",
	    "Ya" },
	{ "cozy", ".cozy-desktop/config.json",
	    "{\"url\": \"https://x.example\", \"path\": \"@/Coz\"}", "Coz" },
	{ "cozy", ".cozy-desktop/config.json", "{}", "Cozy Drive" },
	{ "internxt", ".config/internxt/config.json",
	    "{\"syncRoot\": \"@/Inx/\"}", "Inx" },
	{ "internxt", ".config/internxt/config.json",
	    "{\"syncRoot\": \"\", \"backupList\": {\"@/Bk\": {\"enabled\": "
	    "true}}}",
	    "Bk" },
	{ "filen", ".config/filen-cli/syncPairs.json",
	    "[{\"local\": \"@/Fil\", \"remote\": \"/x\"}]", "Fil" },
	{ "kdrive", ".config/kDrive/kDrive.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Kd\n", "Kd" },
	{ "deja-dup",
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",
	    "[org/gnome/deja-dup]\nbackend='google'\n"
	    "include-list=['$PICTURES', 'Loose', '@/Kept']\n",
	    "Loose" },
	{ "deja-dup",
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",
	    "[org/gnome/deja-dup]\ninclude-list=['$PICTURES']\n"
	    "backend='remote'\n",
	    "Pictures" },
	{ "borgmatic", ".config/borgmatic/config.yaml",
	    "source_directories:\n    - @/Borg\nrepositories:\n"
	    "    - path: ssh://u@host.example/./repo\n      label: away\n",
	    "Borg" },
	{ "borgmatic", ".config/borgmatic.d/old.yml",
	    "location:\n    source_directories: [ ~/Borg ]\n"
	    "    repositories:\n        - u@host.example:repo\n",
	    "Borg" },
	{ "backrest", ".config/backrest/config.json",
	    "{\"repos\": [{\"id\": \"a\", \"uri\": \"b2:bucket\"}], "
	    "\"plans\": [{\"repo\": \"a\", \"paths\": [\"@/Rest\"]}]}",
	    "Rest" },
	{ "backintime", ".config/backintime/config",
	    "config.version=6\nprofile1.snapshots.include.1.type=0\n"
	    "profile1.snapshots.include.1.value=@/Kept\n"
	    "profile1.snapshots.mode=ssh\n",
	    "Kept" },
};

static void
clients_name_their_folders(void **state)
{
	struct place_test *test = *state;
	char inside[PATH_MAX];

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		home_again(test);
		scratch_file(test->home, configs[i].file, configs[i].text);
		(void)snprintf(
		    inside, sizeof(inside), "%s/deep/er", configs[i].folder);
		scratch_folder(test->home, inside);
		assert_cloud(test, configs[i].folder, configs[i].id);
		assert_cloud(test, inside, configs[i].id);
		assert_non_null(strstr(test->place.evidence, "/"));
		/* a home that only contains one is local */
		assert_local(test, "");
		assert_local(test, "Documents");
	}
}

/* No provider whose text files are read goes without a case above. */
static void
every_client_has_a_case(void **state)
{
	cJSON *list = NULL;

	(void)state;
	assert_int_equal(providers_load(&list, NULL), CARNET_OK);
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const char *id = carnet_json_string(provider, "id");
		const cJSON *config;
		bool needed = false, found = false;

		cJSON_ArrayForEach(config, carnet_json_get(provider, "configs"))
		{
			const char *reader =
			    carnet_json_string(config, "reader");

			/* databases: test_settings_sqlite.c */
			needed = needed ||
				 (strcmp(reader, "sqlite") != 0 &&
				     carnet_json_get(config, "then") == NULL);
		}
		for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]);
		     i++)
			found = found || strcmp(configs[i].id, id) == 0;
		if (needed && !found)
			fail_msg("%s has no case", id);
	}
	cJSON_Delete(list);
}

/* A backup to a disk of this machine tells nobody anything. */
static void
backups_that_stay_are_local(void **state)
{
	struct place_test *test = *state;

	scratch_folder(test->home, "Kept");
	scratch_file(test->home, ".config/backintime/config",
	    "profile1.snapshots.include.1.value=@/Kept\n"
	    "profile1.snapshots.mode=local\n");
	assert_local(test, "Kept");
	scratch_file(test->home, ".config/backintime/config",
	    "profile1.snapshots.include.1.value=@/Kept\n");
	assert_local(test, "Kept");
	/* two of them, one goes away: which one can't be told */
	scratch_file(test->home, ".config/backintime/config",
	    "profile2.snapshots.mode=ssh_encfs\n"
	    "profile1.snapshots.include.1.value=@/Kept\n"
	    "profile1.snapshots.mode=local\n");
	assert_cloud(test, "Kept", "backintime");
	home_again(test);
	scratch_folder(test->home, "Kept");
	scratch_file(test->home, ".config/borgmatic/config.yaml",
	    "source_directories: [@/Kept]\nrepositories:\n"
	    "    - path: /mnt/disk\n");
	scratch_file(test->home, ".config/backrest/config.json",
	    "{\"repos\": [{\"uri\": \"/mnt/disk\"}], "
	    "\"plans\": [{\"paths\": [\"@/Kept\"]}]}");
	scratch_file(test->home,
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",
	    "[org/gnome/deja-dup]\nbackend='drive'\n"
	    "include-list=['@/Kept']\n");
	assert_local(test, "Kept");
	assert_local(test, "");
}

/* In GNOME's database; without a list, it is the whole home. */
static void
deja_dup_saves_a_home(void **state)
{
	static const char keyfile[] =
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile";
	struct place_test *test = *state;

	scratch_bytes(
	    test->home, ".config/dconf/user", dconf_fixture, DCONF_FIXTURE_LEN);
	scratch_folder(test->home, "Kept/deep");
	scratch_folder(test->home, "Loose");
	assert_cloud(test, "Kept/deep", "deja-dup");
	assert_cloud(test, "Loose", "deja-dup");
	assert_local(test, "Documents");
	assert_local(test, "");
	home_again(test);
	scratch_file(
	    test->home, keyfile, "[org/gnome/deja-dup]\nbackend='google'\n");
	assert_cloud(test, "", "deja-dup");
	assert_cloud(test, "Documents", "deja-dup");
	scratch_file(
	    test->home, keyfile, "[org/gnome/deja-dup]\nbackend='local'\n");
	assert_local(test, "");
	assert_local(test, "Documents");
	scratch_file(
	    test->home, keyfile, "[org/gnome/deja-dup]\nperiodic=false\n");
	assert_local(test, "Documents");
}

/* What is left out of a backup isn't carried away; what is named again is. */
static void
deja_dup_leaves_folders_out(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home,
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",
	    "[org/gnome/deja-dup]\nbackend='google'\n"
	    "include-list=['$HOME', '@/Out/In']\n"
	    "exclude-list=['$DOWNLOAD', 'Out']\n");
	scratch_folder(test->home, "Downloads/a");
	scratch_folder(test->home, "Out/In/a");
	scratch_folder(test->home, "Out/b");
	assert_local(test, "Downloads/a");
	assert_local(test, "Out");
	assert_local(test, "Out/b");
	assert_cloud(test, "Out/In/a", "deja-dup");
	assert_cloud(test, "Documents", "deja-dup");
	assert_cloud(test, "", "deja-dup");
}

/* "$DOCUMENTS" is what user-dirs.dirs says it is. */
static void
own_folders_have_names(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home, ".config/user-dirs.dirs",
	    "# synthetic\nXDG_DOCUMENTS_DIR=\"$HOME/Papiers\"\n"
	    "XDG_MUSIC_DIR=\"@/Sons\"\nXDG_VIDEOS_DIR=\"Films\"\n");
	scratch_file(test->home,
	    ".var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile",
	    "[org/gnome/deja-dup]\nbackend='remote'\n"
	    "include-list=['$DOCUMENTS/a', '$MUSIC', '$VIDEOS', '$VIDEOSx']\n");
	scratch_folder(test->home, "Papiers/a/b");
	scratch_folder(test->home, "Sons");
	scratch_folder(test->home, "Videos");
	scratch_folder(test->home, "Films");
	scratch_folder(test->home, "$VIDEOSx");
	assert_cloud(test, "Papiers/a/b", "deja-dup");
	assert_local(test, "Papiers");
	assert_local(test, "Documents");
	assert_cloud(test, "Sons", "deja-dup");
	assert_cloud(test, "Videos", "deja-dup");
	assert_local(test, "Films");
	assert_cloud(test, "$VIDEOSx", "deja-dup");
}

/* Duplicacy keeps its settings where it saves from. */
static void
duplicacy_says_where_it_goes(void **state)
{
	struct place_test *test = *state;

	scratch_folder(test->home, "Kept/deep");
	scratch_file(test->home, "Kept/.duplicacy/preferences",
	    "[{\"name\": \"default\", \"id\": \"x\", "
	    "\"storage\": \"/mnt/disk\"}]");
	assert_local(test, "Kept/deep");
	scratch_file(test->home, "Kept/.duplicacy/preferences",
	    "[{\"name\": \"default\", \"storage\": \"/mnt/disk\"}, "
	    "{\"name\": \"away\", \"storage\": \"b2://bucket\"}]");
	assert_cloud(test, "Kept/deep", "duplicacy");
	assert_cloud(test, "Kept", "duplicacy");
	assert_local(test, "");
	scratch_file(test->home, "Kept/.duplicacy/preferences", "[{");
	assert_local(test, "Kept/deep");
}

static void
configuration_follows_xdg(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home, "elsewhere/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Moved/../Moved\n"
	    "0\\Folders\\2\\localPath=@/Moved/\n");
	scratch_folder(test->home, "Moved");
	assert_local(test, "Moved");
	scratch_path(test->config_home, test->home, "elsewhere");
	assert_cloud(test, "Moved", "nextcloud");
}

static void
home_that_is_synced(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home, ".config/syncthing/config.xml",
	    "<configuration><folder path=\"~\"/></configuration>");
	assert_cloud(test, "", "syncthing");
	assert_cloud(test, "Documents", "syncthing");
}

/* Every mark of providers.json, made in a folder: its provider is named. */
static void
marks_are_seen(void **state)
{
	struct place_test *test = *state;
	cJSON *list = NULL;
	size_t seen = 0;

	assert_int_equal(providers_load(&list, NULL), CARNET_OK);
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *mark;

		cJSON_ArrayForEach(mark, carnet_json_get(provider, "marks"))
		{
			const char *type = carnet_json_string(mark, "type");
			char path[PATH_MAX];

			(void)snprintf(path, sizeof(path), "d/%s",
			    carnet_json_string(mark, "name"));
			for (char *at = path; *at != '\0'; at++)
				if (*at == '?' || *at == '*')
					*at = '7';
			home_again(test);
			scratch_folder(test->home, "d/a/b");
			assert_local(test, "d/a/b");
			/* the wrong type is no mark */
			if (strcmp(type, "file") == 0) {
				scratch_folder(test->home, path);
				assert_local(test, "d/a/b");
				home_again(test);
				scratch_folder(test->home, "d/a/b");
			}
			if (strcmp(type, "folder") == 0)
				scratch_folder(test->home, path);
			else
				scratch_file(test->home, path,
				    carnet_json_get(mark, "goes_to") == NULL
					? ""
					: "[{\"storage\": \"s3://x\"}]");
			assert_cloud(
			    test, "d/a/b", carnet_json_string(provider, "id"));
			assert_cloud(
			    test, "d", carnet_json_string(provider, "id"));
			assert_local(test, "");
			seen++;
		}
	}
	assert_true(seen > 25);
	cJSON_Delete(list);
}

/* A name alone is weak: unknown, and only right under the home. */
static void
names_are_weak(void **state)
{
	struct place_test *test = *state;
	cJSON *list = NULL;
	size_t seen = 0;

	assert_int_equal(providers_load(&list, NULL), CARNET_OK);
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *item;

		cJSON_ArrayForEach(item, carnet_json_get(provider, "names"))
		{
			char name[256], path[PATH_MAX];

			(void)snprintf(
			    name, sizeof(name), "%s", item->valuestring);
			for (char *at = name; *at != '\0'; at++)
				if (*at == '?' || *at == '*')
					*at = 'X';
			home_again(test);
			(void)snprintf(path, sizeof(path), "%s/sub", name);
			scratch_folder(test->home, path);
			assert_int_equal(judge(test, path), GUARD_UNKNOWN);
			assert_string_equal(test->place.provider,
			    carnet_json_string(provider, "id"));
			(void)snprintf(path, sizeof(path), "src/%s", name);
			scratch_folder(test->home, path);
			assert_local(test, path);
			seen++;
		}
	}
	assert_true(seen > 40);
	cJSON_Delete(list);
}

static void
attributes_are_seen(void **state)
{
	struct place_test *test = *state;
	char path[PATH_MAX];

	scratch_folder(test->home, "Plain/x");
	scratch_path(path, test->home, "Plain");
	if (setxattr(path, "user.com.dropbox.attributes", "1", 1, 0) != 0)
		skip();
	assert_int_equal(judge(test, "Plain/x"), GUARD_UNKNOWN);
	assert_string_equal(test->place.provider, "dropbox");
	assert_local(test, "");
}

static void
links_lead_to_the_cloud(void **state)
{
	struct place_test *test = *state;
	char target[PATH_MAX], link[PATH_MAX];

	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Box1\"}}");
	scratch_folder(test->home, "Box1/sante");
	scratch_path(target, test->home, "Box1/sante");
	scratch_path(link, test->home, "Sante");
	assert_int_equal(symlink(target, link), 0);
	assert_cloud(test, "Sante", "dropbox");
	assert_non_null(strstr(test->place.path, "/Box1/sante"));
	/* the client's folder is itself named through a link */
	scratch_folder(test->home, "disk/real/in");
	scratch_path(target, test->home, "disk/real");
	scratch_path(link, test->home, "Linked");
	assert_int_equal(symlink(target, link), 0);
	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Linked\"}}");
	assert_cloud(test, "disk/real/in", "dropbox");
	assert_local(test, "disk");
}

static void
clients_that_follow_links(void **state)
{
	struct place_test *test = *state;
	char target[PATH_MAX], link[PATH_MAX];

	scratch_file(
	    test->home, ".config/onedrive/config", "sync_dir = \"~/Ms\"\n");
	scratch_folder(test->home, "Ms");
	scratch_folder(test->home, "Elsewhere/sante");
	assert_local(test, "Elsewhere/sante");
	scratch_path(target, test->home, "Elsewhere");
	scratch_path(link, test->home, "Ms/link");
	assert_int_equal(symlink(target, link), 0);
	assert_cloud(test, "Elsewhere/sante", "onedrive");
}

/* Two providers in one path: the trust in one says nothing of the other. */
static void
trust_covers_what_it_names(void **state)
{
	struct place_test *test = *state;
	char path[PATH_MAX];

	scratch_file(test->home, ".config/Nextcloud/nextcloud.cfg",
	    "[Accounts]\n0\\Folders\\1\\localPath=@/Nuage/\n");
	scratch_folder(test->home, "Nuage/sante/2026");
	scratch_bytes(test->home, "Nuage/photos/.dropbox", "", 0);
	assert_cloud(test, "Nuage/sante", "nextcloud");
	scratch_path(path, test->home, "Nuage");
	test->trusted[0] = "/nowhere";
	test->trusted[1] = path;
	test->trusted_len = 2;
	assert_int_equal(judge(test, "Nuage"), GUARD_OWN);
	assert_int_equal(judge(test, "Nuage/sante/2026"), GUARD_OWN);
	assert_non_null(strstr(test->place.evidence, path));
	assert_cloud(test, "Nuage/photos", "dropbox");
	assert_local(test, "Documents");
	/* a deeper folder alone */
	scratch_path(path, test->home, "Nuage/sante");
	assert_int_equal(judge(test, "Nuage/sante/2026"), GUARD_OWN);
	assert_cloud(test, "Nuage", "nextcloud");
	/* the home: not the clouds inside it */
	scratch_path(path, test->home, "");
	assert_cloud(test, "Nuage/sante", "nextcloud");
	assert_int_equal(judge(test, "Documents"), GUARD_OWN);
}

static void
deleted_and_moved(void **state)
{
	struct place_test *test = *state;
	const struct guard_surroundings surroundings = { .home = test->home,
		.mountinfo = test->mountinfo };
	char path[PATH_MAX];
	int fd;

	scratch_folder(test->home, "gone");
	scratch_path(path, test->home, "gone");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_UNKNOWN);
	/* the mark of a cloud counts all the same, and trust doesn't */
	scratch_path(path, test->home, "");
	{
		const char *trusted[] = { path };
		struct guard_surroundings trusting = surroundings;

		trusting.trusted = trusted;
		trusting.trusted_len = 1;
		assert_int_equal(
		    guard_judge(fd, &trusting, &test->place, NULL), CARNET_OK);
		assert_int_equal(test->place.verdict, GUARD_UNKNOWN);
	}
	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@\"}}");
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_CLOUD);
	scratch_file(test->home, ".dropbox/info.json", "{}");
	/* another one at its place doesn't stand for it */
	scratch_path(path, test->home, "gone");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_UNKNOWN);
	assert_int_equal(close(fd), 0);
}

static void
not_a_folder(void **state)
{
	struct place_test *test = *state;
	struct carnet_error err;
	int fd = open(test->mountinfo, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(
	    guard_judge(fd, NULL, &test->place, &err), CARNET_INVALID);
	assert_int_equal(close(fd), 0);
	assert_int_equal(guard_judge(fd, NULL, &test->place, &err), CARNET_IO);
}

/* What a Debian desktop puts into a home, and people's own folders. */
static void
plain_desktop_is_local(void **state)
{
	static const char *const folders[] = { ".cache/mozilla",
		".config/dconf", ".config/gtk-3.0", ".config/gtk-4.0",
		".config/pulse", ".config/libreoffice/4/user",
		".config/nautilus", ".config/autostart",
		".config/evolution/sources", ".config/goa-1.0", ".config/ibus",
		".config/systemd/user", ".config/google-chrome/Default",
		".config/VirtualBox", ".config/Nextcloud", ".config/onedrive",
		".config/rclone", ".config/syncthing", ".dropbox", ".sync",
		".SynologyDrive", ".pcloud", ".cozy-desktop", ".odrive",
		".local/share/Trash/files", ".local/share/gvfs-metadata",
		".local/share/keyrings", ".local/share/applications",
		".local/share/flatpak", ".local/state/wireplumber",
		".mozilla/firefox", ".ssh", ".gnupg", ".thunderbird",
		".pki/nssdb", ".var/app/org.gnome.Maps", "snap", "Bureau",
		"Desktop", "Documents/Sant\xc3\xa9/2026", "Downloads",
		"T\xc3\xa9l\xc3\xa9"
		"chargements",
		"Images", "Pictures", "Mod\xc3\xa8les", "Music", "Musique",
		"Public", "Templates", "Vid\xc3\xa9os", "Videos", "Sync", "Box",
		"Cloud", "Drive", "git/Nextcloud/desktop", "src/dropbox",
		"Documents/OneDrive", "VirtualBox VMs", "Mes documents",
		"carnet" };
	struct place_test *test = *state;

	scratch_file(test->home, ".config/user-dirs.dirs",
	    "XDG_DESKTOP_DIR=\"$HOME/Bureau\"\n");
	scratch_file(test->home, ".bashrc", "alias ll='ls -l'\n");
	scratch_file(
	    test->home, ".config/rclone/rclone.conf", "[work]\ntype = drive\n");
	scratch_file(test->home, ".mounts",
	    "21 25 0:20 / /sys rw - sysfs sysfs rw\n"
	    "22 25 0:21 / /proc rw - proc proc rw\n"
	    "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root "
	    "rw,errors=remount-ro\n"
	    "26 25 0:24 / /run rw - tmpfs tmpfs rw\n"
	    "60 26 0:40 / /run/user/1000 rw - tmpfs tmpfs rw\n"
	    "61 60 0:41 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse "
	    "rw,user_id=1000\n"
	    "62 60 0:42 / /run/user/1000/doc rw - fuse.portal portal rw\n");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		scratch_folder(test->home, folders[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_local(test, folders[i]);
	assert_local(test, "");
}

static void
hostile_configurations(void **state)
{
	static const char *const files[] = { ".dropbox/info.json",
		".config/Nextcloud/nextcloud.cfg", ".config/onedrive-x/config",
		".config/syncthing/config.xml", ".pcloud/data.db",
		".ccnet/seafile.ini" };
	struct place_test *test = *state;
	uint8_t noise[70000];
	char path[PATH_MAX];
	uint32_t seed = 12345;

	for (size_t i = 0; i < sizeof(noise); i++) {
		seed = seed * 1664525 + 1013904223;
		noise[i] = (uint8_t)(seed >> 24);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd;

		home_again(test);
		scratch_bytes(test->home, files[i], noise, sizeof(noise));
		assert_local(test, "Documents");
		scratch_path(path, test->home, files[i]);
		fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0);
		assert_int_equal(close(fd), 0);
		assert_local(test, "Documents");
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkfifo(path, 0600), 0);
		assert_local(test, "Documents");
		assert_int_equal(unlink(path), 0);
		assert_int_equal(symlink(path, path), 0);
		assert_local(test, "Documents");
		assert_int_equal(unlink(path), 0);
		assert_int_equal(symlink("/dev/zero", path), 0);
		assert_local(test, "Documents");
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_local(test, "Documents");
	}
}

static void
malformed_configurations(void **state)
{
	static const struct {
		const char *file, *text;
	} cases[] = {
		{ ".dropbox/info.json", "" },
		{ ".dropbox/info.json", "{\"personal\":{\"path\":\"@\"" },
		{ ".dropbox/info.json", "{\"personal\":{\"path\":12}}" },
		{ ".dropbox/info.json", "{\"personal\":{\"path\":\"\"}}" },
		{ ".dropbox/info.json",
		    "{\"personal\":{\"path\":\"Documents\"}}" },
		{ ".dropbox/info.json", "[\"@/Documents\"]" },
		{ ".config/onedrive-x/config", "sync_dir" },
		{ ".config/onedrive-x/config", "sync_dir=" },
		{ ".config/onedrive-x/config", "#sync_dir = \"@/Documents\"" },
		{ ".config/onedrive-x/config", "=@/Documents\n[\n]\n[]\n" },
		{ ".config/Nextcloud/nextcloud.cfg",
		    "[Accounts]\n0\\Folders\\1\\targetPath=@/Documents\n"
		    "0\\Folders\\1\\localPath=\\x0\\xd800\\xffffffffff\\" },
		{ ".config/syncthing/config.xml",
		    "<configuration><folder path=\"@/Documents" },
		{ ".config/syncthing/config.xml",
		    "<!DOCTYPE x [<!ENTITY a \"@\">]><configuration>"
		    "<folder path=\"&a;/Documents\"/></configuration>" },
		{ ".config/syncthing/config.xml",
		    "</x><configuration><folder path=\"@/Documents\"/>" },
		{ ".config/syncthing/config.xml",
		    "<configuration><folder path=\"@/Docu<ments\"/>" },
	};
	struct place_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		home_again(test);
		scratch_file(test->home, cases[i].file, cases[i].text);
		assert_local(test, "Documents");
	}
}

static void
paths_with_strange_characters(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/a\\nb\\u001b[31m\"}}");
	scratch_folder(test->home, "a\nb\x1b[31m/in");
	assert_cloud(test, "a\nb\x1b[31m/in", "dropbox");
	assert_null(strchr(test->place.evidence, '\x1b'));
	assert_non_null(strchr(test->place.path, '\n'));
	scratch_bytes(test->home, "bad\xff\xfe/.stfolder", "", 0);
	assert_cloud(test, "bad\xff\xfe", "syncthing");
	assert_null(strchr(test->place.evidence, '\xff'));
	/* a very long one: the evidence is cut, the verdict isn't */
	home_again(test);
	{
		char deep[1200];

		for (size_t i = 0; i + 1 < sizeof(deep); i++)
			deep[i] = i % 200 == 199 ? '/' : 'd';
		deep[sizeof(deep) - 1] = '\0';
		scratch_folder(test->home, deep);
		strcpy(deep + 1000, "/.stfolder");
		scratch_bytes(test->home, deep, "", 0);
		deep[1000] = '\0';
		assert_cloud(test, deep, "syncthing");
		assert_string_equal(
		    test->place.evidence + strlen(test->place.evidence) - 3,
		    "...");
	}
}

static void
unreadable_configuration_with_mark(void **state)
{
	struct place_test *test = *state;

	scratch_file(test->home, ".dropbox/info.json", "{{{");
	scratch_bytes(test->home, "D/.dropbox", "", 0);
	assert_cloud(test, "D", "dropbox");
}

static void
without_a_home(void **state)
{
	struct place_test *test = *state;
	char *home = getenv("HOME") != NULL ? strdup(getenv("HOME")) : NULL;
	const struct guard_surroundings surroundings = { .mountinfo =
							     test->mountinfo };
	char path[PATH_MAX];
	int fd;

	scratch_bytes(test->home, "Marked/.stfolder", "", 0);
	assert_int_equal(unsetenv("HOME"), 0);
	scratch_path(path, test->home, "Documents");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_LOCAL);
	assert_int_equal(close(fd), 0);
	scratch_path(path, test->home, "Marked");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_CLOUD);
	assert_int_equal(close(fd), 0);
	if (home != NULL)
		assert_int_equal(setenv("HOME", home, 1), 0);
	free(home);
}

/* A folder in somebody else's home: their configuration counts too. */
static void
another_home_on_the_way(void **state)
{
	struct place_test *test = *state;
	const struct guard_surroundings surroundings = { .home = "/nonexistent",
		.config_home = "",
		.mountinfo = test->mountinfo };
	char path[PATH_MAX];
	int fd;

	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Theirs\"}}");
	scratch_folder(test->home, "Theirs/x");
	scratch_path(path, test->home, "Theirs/x");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &test->place, NULL), CARNET_OK);
	assert_int_equal(test->place.verdict, GUARD_CLOUD);
	assert_int_equal(close(fd), 0);
}

/* One session over many folders says of each what a question alone says,
 * whatever the order, and reads what is above them once. */
static void
session_agrees(void **state)
{
	static const char *const folders[] = { "Documents", "Cloud",
		"Cloud/a/b", "Documents/x/y", "Marked", "Marked/in/deep",
		"other/.config", "other", "other/Theirs/z", "Linked/in", "",
		"Cloud", "OneDrive" };
	struct place_test *test = *state;
	const struct guard_surroundings surroundings = { .home = test->home,
		.config_home = test->config_home,
		.mountinfo = test->mountinfo };
	struct guard_session *session = NULL;
	struct guard_place place;
	char path[PATH_MAX], target[PATH_MAX];

	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Cloud\"}}");
	scratch_file(test->home, "other/.dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/other/Theirs\"}}");
	scratch_file(
	    test->home, ".config/onedrive/config", "sync_dir = \"~/Ms\"\n");
	scratch_bytes(test->home, "Marked/.stfolder", "", 0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		scratch_folder(test->home, folders[i]);
	scratch_folder(test->home, "Ms");
	scratch_path(target, test->home, "Linked");
	scratch_path(path, test->home, "Ms/link");
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(
	    guard_session_start(&surroundings, &session, NULL), CARNET_OK);
	for (size_t i = 0; i < 2 * sizeof(folders) / sizeof(folders[0]); i++) {
		const char *folder =
		    folders[i * 7 % (sizeof(folders) / sizeof(folders[0]))];
		int fd;

		(void)judge(test, folder);
		scratch_path(path, test->home, folder);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(
		    guard_session_judge(session, fd, &place, NULL), CARNET_OK);
		assert_int_equal(close(fd), 0);
		assert_int_equal(place.verdict, test->place.verdict);
		assert_string_equal(place.provider, test->place.provider);
		assert_string_equal(place.evidence, test->place.evidence);
		assert_string_equal(place.path, test->place.path);
	}
	guard_session_end(session);
	guard_session_end(NULL);
}

static enum guard_verdict
session_verdict(
    struct place_test *test, struct guard_session *session, const char *folder)
{
	char path[PATH_MAX];
	int fd;

	scratch_path(path, test->home, folder);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(
	    guard_session_judge(session, fd, &test->place, NULL), CARNET_OK);
	assert_int_equal(close(fd), 0);
	return test->place.verdict;
}

/* Configuration is read once; another folder under an old name, and another
 * table of mounts, are seen. */
static void
session_sees_what_changes(void **state)
{
	struct place_test *test = *state;
	const struct guard_surroundings surroundings = { .home = test->home,
		.mountinfo = test->mountinfo };
	struct guard_session *session = NULL;
	char path[PATH_MAX], away[PATH_MAX];

	scratch_file(test->home, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Cloud\"}}");
	scratch_folder(test->home, "Cloud/a");
	scratch_folder(test->home, "swap/in");
	assert_int_equal(
	    guard_session_start(&surroundings, &session, NULL), CARNET_OK);
	assert_int_equal(
	    session_verdict(test, session, "Cloud/a"), GUARD_CLOUD);
	assert_int_equal(
	    session_verdict(test, session, "swap/in"), GUARD_LOCAL);
	scratch_path(path, test->home, ".dropbox/info.json");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(session_verdict(test, session, "Cloud"), GUARD_CLOUD);
	assert_local(test, "Cloud"); /* alone, it is read again */
	scratch_path(path, test->home, "swap");
	scratch_path(away, test->home, "away");
	assert_int_equal(rename(path, away), 0);
	scratch_bytes(test->home, "swap/.stfolder", "", 0);
	scratch_folder(test->home, "swap/in");
	assert_int_equal(
	    session_verdict(test, session, "swap/in"), GUARD_CLOUD);
	assert_int_equal(
	    session_verdict(test, session, "away/in"), GUARD_LOCAL);
	scratch_file(test->home, ".mounts",
	    "21 1 0:50 / / rw,relatime - nfs4 server:/home rw\n");
	assert_int_equal(
	    session_verdict(test, session, "away/in"), GUARD_REMOTE);
	guard_session_end(session);
}

static void
verdicts_have_names(void **state)
{
	(void)state;
	assert_string_equal(guard_verdict_name(GUARD_LOCAL), "local");
	assert_string_equal(guard_verdict_name(GUARD_OWN), "own");
	assert_string_equal(guard_verdict_name(GUARD_UNKNOWN), "unknown");
	assert_string_equal(guard_verdict_name(GUARD_REMOTE), "remote");
	assert_string_equal(guard_verdict_name(GUARD_CLOUD), "cloud");
}

#define IN_A_HOME(test)                                                        \
	cmocka_unit_test_setup_teardown(test, home_make, home_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_HOME(clients_name_their_folders),
		cmocka_unit_test(every_client_has_a_case),
		IN_A_HOME(backups_that_stay_are_local),
		IN_A_HOME(deja_dup_saves_a_home),
		IN_A_HOME(deja_dup_leaves_folders_out),
		IN_A_HOME(own_folders_have_names),
		IN_A_HOME(duplicacy_says_where_it_goes),
		IN_A_HOME(configuration_follows_xdg),
		IN_A_HOME(home_that_is_synced),
		IN_A_HOME(marks_are_seen),
		IN_A_HOME(names_are_weak),
		IN_A_HOME(attributes_are_seen),
		IN_A_HOME(links_lead_to_the_cloud),
		IN_A_HOME(clients_that_follow_links),
		IN_A_HOME(trust_covers_what_it_names),
		IN_A_HOME(deleted_and_moved),
		IN_A_HOME(not_a_folder),
		IN_A_HOME(plain_desktop_is_local),
		IN_A_HOME(hostile_configurations),
		IN_A_HOME(malformed_configurations),
		IN_A_HOME(paths_with_strange_characters),
		IN_A_HOME(unreadable_configuration_with_mark),
		IN_A_HOME(without_a_home),
		IN_A_HOME(another_home_on_the_way),
		IN_A_HOME(session_agrees),
		IN_A_HOME(session_sees_what_changes),
		cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
