/* SPDX-License-Identifier: ISC */
/*
 * The table of mounts (mounts.c) and what a mount says (mount_kinds.c), from
 * fixtures; and real bind mounts where a namespace can be had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "mounts.h"
#include "providers.h"
#include "scratch.h"

static void
parse(const char *text, struct mount_table *table)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_int_equal(mounts_parse(copy, table, NULL), CARNET_OK);
}

static void
lines_are_parsed(void **state)
{
	struct mount_table table;

	(void)state;
	parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - "
	      "ext3 /dev/root rw,errors=continue\n"
	      "37 35 0:44 / /a\\040b\\011c\\012d\\134e\\043 rw - nfs4 "
	      "h:/x\\040y rw,addr=1\n"
	      "38 35 0:45 / /empty rw -  none rw\n"
	      "39 35 0:45 / /nosource rw - tmpfs  rw\n"
	      "40 35 0:46 / /noopts rw - tmpfs none\n"
	      "rubbish\n\n"
	      "41 35 x:1 / /bad rw - ext4 /dev/x rw\n"
	      "42 35 0:1 / relative rw - ext4 /dev/x rw\n"
	      "43 35 0:1 / /nodash rw ext4 /dev/x rw\n"
	      "44 35 0:47 / /q\\999\\000\\04 rw - ext4 /dev/x rw",
	    &table);
	assert_int_equal(table.len, 5);
	assert_int_equal(table.entries[0].id, 36);
	assert_int_equal(table.entries[0].major, 98);
	assert_string_equal(table.entries[0].root, "/mnt1");
	assert_string_equal(table.entries[0].point, "/mnt2");
	assert_string_equal(table.entries[0].type, "ext3");
	assert_string_equal(table.entries[0].source, "/dev/root");
	assert_string_equal(table.entries[0].options, "rw,errors=continue");
	assert_string_equal(table.entries[1].point, "/a b\tc\nd\\e#");
	assert_string_equal(table.entries[1].source, "h:/x y");
	assert_string_equal(table.entries[2].source, "");
	assert_string_equal(table.entries[2].options, "rw");
	assert_string_equal(table.entries[3].options, "");
	assert_string_equal(table.entries[4].point, "/q\\999\\000\\04");
	mounts_free(&table);
	parse("", &table);
	assert_int_equal(table.len, 0);
	assert_null(mounts_holding(&table, -1, "/x"));
	mounts_free(&table);
}

static void
the_holding_mount(void **state)
{
	struct mount_table table;

	(void)state;
	parse("1 0 8:1 / / rw - ext4 /dev/a rw\n"
	      "2 1 8:2 / /home rw - ext4 /dev/b rw\n"
	      "3 2 0:9 / /home/u/x rw - nfs h:/x rw\n"
	      "4 3 0:10 / /home/u/x rw - tmpfs t rw\n",
	    &table);
	assert_int_equal(mounts_holding(&table, -1, "/etc")->id, 1);
	assert_int_equal(mounts_holding(&table, -1, "/")->id, 1);
	assert_int_equal(mounts_holding(&table, -1, "/homes/u")->id, 1);
	assert_int_equal(mounts_holding(&table, -1, "/home")->id, 2);
	assert_int_equal(mounts_holding(&table, -1, "/home/u/xy")->id, 2);
	assert_int_equal(mounts_holding(&table, -1, "/home/u/x/y")->id, 4);
	assert_int_equal(mounts_holding(&table, 3, "/home/u/x/y")->id, 3);
	assert_null(mounts_holding(&table, 3, "/home/u"));
	assert_null(mounts_holding(&table, 77, "/home/u"));
	assert_string_equal(
	    mounts_beneath(&table.entries[1], "/home/u/x"), "u/x");
	assert_string_equal(mounts_beneath(&table.entries[1], "/home"), "");
	assert_string_equal(mounts_beneath(&table.entries[0], "/a/b"), "a/b");
	mounts_free(&table);
}

static void
other_names(void **state)
{
	struct mount_table table;
	char alias[PATH_MAX];
	const struct mount_entry *entry;

	(void)state;
	parse("1 0 8:1 / / rw - ext4 /dev/a rw\n"
	      "2 1 8:1 /home/u/Dropbox/s /srv/s rw - ext4 /dev/a rw\n"
	      "3 1 8:2 / /data rw - ext4 /dev/b rw\n"
	      "4 1 8:2 /d /home/u/Dropbox/d rw - ext4 /dev/b rw\n"
	      "5 1 8:3 /vol /vol rw - ext4 /dev/c rw\n"
	      "6 1 0:30 /@home /home2 rw - btrfs /dev/d rw,subvol=/@home\n"
	      "7 1 8:3 /vol/in /in rw - ext4 /dev/c rw\n",
	    &table);
	entry = mounts_holding(&table, -1, "/srv/s/t");
	assert_int_equal(entry->id, 2);
	assert_true(mounts_alias(&table, entry, "/srv/s/t", 0, alias));
	assert_string_equal(alias, "/home/u/Dropbox/s/t");
	assert_false(mounts_alias(&table, entry, "/srv/s/t", 1, alias));
	entry = mounts_holding(&table, -1, "/data/d");
	assert_true(mounts_alias(&table, entry, "/data/d", 0, alias));
	assert_string_equal(alias, "/home/u/Dropbox/d");
	assert_false(mounts_alias(&table, entry, "/data/e", 0, alias));
	assert_false(mounts_is_window(&table, &table.entries[0]));
	assert_false(mounts_is_window(&table, &table.entries[1]));
	assert_false(mounts_is_window(&table, &table.entries[3]));
	assert_true(mounts_is_window(&table, &table.entries[4]));
	assert_false(mounts_is_window(&table, &table.entries[5]));
	assert_true(mounts_is_window(&table, &table.entries[6]));
	mounts_free(&table);
}

static void
the_table_is_loaded(void **state)
{
	struct mount_table table = { 0 };
	struct carnet_error err;

	(void)state;
	assert_int_equal(
	    mounts_load("/nonexistent/x", &table, &err), CARNET_IO);
	assert_int_equal(mounts_load("/dev/zero", &table, &err), CARNET_IO);
	assert_null(table.text);
	if (access("/proc/self/mountinfo", R_OK) != 0)
		skip();
	assert_int_equal(
	    mounts_load("/proc/self/mountinfo", &table, &err), CARNET_OK);
	assert_true(table.len > 0);
	{
		int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int id = mounts_id(fd);

		assert_true(id >= 0);
		assert_non_null(mounts_holding(&table, id, "/"));
		assert_int_equal(close(fd), 0);
	}
	mounts_free(&table);
	assert_int_equal(mounts_id(-1), -1);
}

/* Judges root/m/sub where the fixture has a mount at root/m. */
static void
judge_mount(const char *line, const char *below, enum guard_verdict want,
    const char *provider)
{
	char root[PATH_MAX], path[PATH_MAX], mountinfo[PATH_MAX];
	char sub[PATH_MAX], text[4 * PATH_MAX];
	struct guard_surroundings surroundings = { 0 };
	struct guard_place place;
	int fd;

	scratch_make(root);
	(void)snprintf(sub, sizeof(sub), "h/m m/%s", below);
	scratch_folder(root, sub);
	(void)snprintf(text, sizeof(text),
	    "9001 1 254:0 / / rw - ext4 /dev/vda rw\n9002 9001 %s\n", line);
	scratch_file(root, "mounts", text);
	scratch_path(mountinfo, root, "mounts");
	scratch_path(path, root, sub);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	surroundings.home = "/nonexistent";
	surroundings.config_home = "/nonexistent";
	surroundings.mountinfo = mountinfo;
	assert_int_equal(
	    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
	assert_int_equal(close(fd), 0);
	if (place.verdict != want || strcmp(place.provider, provider) != 0)
		fail_msg("%s: %s %s (%s), not %s %s", line,
		    guard_verdict_name(place.verdict), place.provider,
		    place.evidence, guard_verdict_name(want), provider);
	/* beside the mount it is local; above it, too */
	scratch_path(path, root, "h");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
	assert_int_equal(place.verdict, GUARD_LOCAL);
	assert_int_equal(close(fd), 0);
	/* trusted: one's own, whatever it was but local */
	{
		const char *trusted[1];
		char point[PATH_MAX];

		scratch_path(point, root, "h/m m");
		trusted[0] = point;
		surroundings.trusted = trusted;
		surroundings.trusted_len = 1;
		scratch_path(path, root, "h/m m/in");
		scratch_folder(root, "h/m m/in");
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(
		    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
		assert_int_equal(place.verdict, GUARD_OWN);
		assert_int_equal(close(fd), 0);
	}
	scratch_remove(root);
}

#define M(type_source_options)                                                 \
	"0:77 / @/h/m\\040m rw,nosuid - " type_source_options

static void
mounts_are_told_apart(void **state)
{
	static const struct {
		const char *line, *below;
		enum guard_verdict verdict;
		const char *provider;
	} cases[] = {
		{ M("nfs nas:/export rw,vers=3"), "", GUARD_REMOTE, "nfs" },
		{ M("nfs4 nas:/export rw"), "a/b", GUARD_REMOTE, "nfs" },
		{ M("cifs //nas/share rw,vers=3.1"), "a", GUARD_REMOTE, "smb" },
		{ M("smb3 //nas/share rw"), "", GUARD_REMOTE, "smb" },
		{ M("fuse.sshfs me@srv:/data rw,user_id=1000"), "",
		    GUARD_REMOTE, "sshfs" },
		{ M("fuse.rclone gdrive: rw"), "x", GUARD_CLOUD, "rclone" },
		{ M("fuse.expandrive ExpanDrive rw"), "x", GUARD_CLOUD,
		    "expandrive" },
		{ M("9p share rw,trans=virtio"), "", GUARD_UNKNOWN,
		    "host-folder" },
		{ M("virtiofs tag rw"), "", GUARD_UNKNOWN, "host-folder" },
		{ M("9p C:\\134 rw,aname=drvfs;path=C:\\134;uid=1000"), "",
		    GUARD_UNKNOWN, "wsl" },
		{ M("9p C:\\134 rw,aname=drvfs;path=C:\\134"),
		    "Users/u/OneDrive/Docs", GUARD_CLOUD, "onedrive" },
		{ M("9p C:\\134 rw,aname=drvfs;path=C:\\134"),
		    "Users/u/iCloudDrive", GUARD_CLOUD, "icloud" },
		{ M("vboxsf share rw"), "", GUARD_REMOTE, "virtualbox" },
		{ M("vboxsf share rw"), "Dropbox/x", GUARD_CLOUD, "dropbox" },
		{ M("fuse.vmhgfs-fuse vmhgfs-fuse rw"), "", GUARD_REMOTE,
		    "vmware" },
		{ M("prl_fs share rw"), "", GUARD_REMOTE, "parallels" },
		{ M("fuse.gvfsd-fuse gvfsd-fuse rw"),
		    "google-drive:host=x.example,user=u/root", GUARD_CLOUD,
		    "google-drive" },
		{ M("fuse.gvfsd-fuse gvfsd-fuse rw"), "onedrive:host=x",
		    GUARD_CLOUD, "onedrive" },
		{ M("fuse.gvfsd-fuse gvfsd-fuse rw"),
		    "smb-share:server=n,share=s/x", GUARD_REMOTE,
		    "gnome-online" },
		{ M("fuse.gvfsd-fuse gvfsd-fuse rw"),
		    "dav:host=c.example,ssl=true,prefix=%2Fremote.php%2Fdav",
		    GUARD_CLOUD, "nextcloud" },
		{ M("fuse.kio-fuse kio-fuse rw"), "gdrive/u", GUARD_CLOUD,
		    "google-drive" },
		{ M("fuse.kio-fuse kio-fuse rw"), "sftp/h", GUARD_REMOTE,
		    "kde-kio" },
		{ M("fuse.google-drive-ocamlfuse google-drive-ocamlfuse rw"),
		    "", GUARD_CLOUD, "google-drive" },
		{ M("fuse https://c.example/remote.php/dav/files/u rw"), "",
		    GUARD_CLOUD, "nextcloud" },
		{ M("fuse https://dav.example/x rw"), "", GUARD_REMOTE,
		    "webdav" },
		{ M("fuse https://dav.box.com/dav rw"), "", GUARD_CLOUD,
		    "box" },
		{ M("fuse https://1.connect.kdrive.infomaniak.com rw"), "",
		    GUARD_CLOUD, "kdrive" },
		{ M("fuse pCloud.fs rw"), "", GUARD_CLOUD, "pcloud" },
		{ M("fuse.pCloud.AppImage pCloud.fs rw"), "", GUARD_CLOUD,
		    "pcloud" },
		{ M("fuse.onedriver onedriver rw"), "", GUARD_CLOUD,
		    "onedrive" },
		{ M("fuse.seadrive seadrive rw"), "", GUARD_CLOUD, "seafile" },
		{ M("fuse.s3fs s3fs rw"), "", GUARD_CLOUD, "object-storage" },
		{ M("fuse /keybase rw"), "", GUARD_CLOUD, "keybase" },
		{ M("fuse.curlftpfs curlftpfs#ftp://x/ rw"), "", GUARD_REMOTE,
		    "ftp" },
		{ M("ceph 1.2.3.4:/ rw"), "", GUARD_REMOTE, "cluster" },
		{ M("fuse.glusterfs h:/v rw"), "", GUARD_REMOTE, "cluster" },
		{ M("ext4 /dev/nbd0 rw"), "", GUARD_REMOTE, "network-block" },
		{ M("cifs //smb3.hidrive.strato.com/root rw"), "", GUARD_CLOUD,
		    "hidrive" },
		{ M("fuse.strangefs x rw"), "", GUARD_UNKNOWN, "" },
		{ M("fuse x rw"), "", GUARD_UNKNOWN, "" },
		{ M("fuse.portal portal rw"), "", GUARD_UNKNOWN,
		    "host-folder" },
		{ M("overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c"),
		    "x", GUARD_LOCAL, "" },
		{ M("overlay overlay rw,lowerdir=/a,upperdir=@/h/m\\040m/u"),
		    "x", GUARD_UNKNOWN, "" },
		{ M("overlay overlay rw,lowerdir=/a"), "x", GUARD_UNKNOWN, "" },
		{ "8:9 /home/u/docs @/h/m\\040m rw - ext4 /dev/sdz1 rw", "",
		    GUARD_UNKNOWN, "" },
		{ "8:9 /home/u/Nextcloud @/h/m\\040m rw - ext4 /dev/sdz rw", "",
		    GUARD_UNKNOWN, "nextcloud" },
		{ M("tmpfs tmpfs rw"), "", GUARD_LOCAL, "" },
		{ "0:78 /x @/h/m\\040m rw - tmpfs tmpfs rw", "", GUARD_LOCAL,
		    "" },
		{ "8:9 / @/h/m\\040m rw - vfat /dev/sdb1 rw", "", GUARD_LOCAL,
		    "" },
		{ M("fuseblk /dev/sdb1 rw"), "", GUARD_LOCAL, "" },
		{ "0:79 /@home @/h/m\\040m rw - btrfs /dev/sda "
		  "rw,subvolid=5,subvol=/@home",
		    "", GUARD_LOCAL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		judge_mount(cases[i].line, cases[i].below, cases[i].verdict,
		    cases[i].provider);
}

/* Which remote it is, by its own name and kind, where its file can be read. */
static void
remotes_have_names(void **state)
{
	static const struct {
		const char *file, *text, *source, *kind; /* NULL: not told */
	} cases[] = {
		{ "c/rclone/rclone.conf",
		    "[other]\ntype = s3\n\n[gdrive]\nclient_id = x\n"
		    "type = drive\ntype = b2\n",
		    "gdrive:", "drive" },
		{ "c/rclone/rclone.conf", "[a b]\ntype = onedrive\n",
		    "a\\040b:sante/2026", "onedrive" },
		{ ".rclone.conf", "[gdrive]\ntype = dropbox\n", "gdrive:x",
		    "dropbox" },
		{ "c/rclone/rclone.conf", "[other]\ntype = s3\n",
		    "gdrive:", NULL },
		{ "c/rclone/rclone.conf", "[gdrive]\ntype = dri ve\033[2J\n",
		    "gdrive:", NULL },
		{ "c/rclone/rclone.conf", "[gdrive]\ntype = drive\n",
		    "g*:", NULL },
		{ "c/rclone/rclone.conf", "[gdrive]\ntype = drive\n",
		    "gdrive{a1B2c}:", NULL },
		{ "c/rclone/rclone.conf",
		    "# Encrypted rclone configuration File\nRCLONE_ENCRYPT_V0:"
		    "\nAAAA\n",
		    "gdrive:", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char root[PATH_MAX], config[PATH_MAX], mountinfo[PATH_MAX];
		char path[PATH_MAX], text[2 * PATH_MAX], want[64];
		struct guard_surroundings surroundings = { 0 };
		struct guard_place place;
		int fd;

		scratch_make(root);
		scratch_folder(root, "m");
		scratch_path(path, root, "m");
		scratch_path(config, root, "c");
		scratch_file(root, cases[i].file, cases[i].text);
		(void)snprintf(text, sizeof(text),
		    "1 0 254:0 / / rw - ext4 /dev/vda rw\n"
		    "2 1 0:77 / %s rw - fuse.rclone %s rw\n",
		    path, cases[i].source);
		scratch_file(root, "mounts", text);
		scratch_path(mountinfo, root, "mounts");
		surroundings.home = root;
		surroundings.config_home = config;
		surroundings.mountinfo = mountinfo;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(
		    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
		assert_int_equal(close(fd), 0);
		assert_int_equal(place.verdict, GUARD_CLOUD);
		assert_string_equal(place.provider, "rclone");
		(void)snprintf(want, sizeof(want), "of kind %s,",
		    cases[i].kind == NULL ? "" : cases[i].kind);
		if (cases[i].kind == NULL)
			assert_null(strstr(place.evidence, "of kind"));
		else if (strstr(place.evidence, want) == NULL)
			fail_msg("%s: %s", cases[i].source, place.evidence);
		scratch_remove(root);
	}
}

/* Fills the wildcards of a glob with one text that it matches. */
static void
instance(char out[512], const char *glob, const char *fallback)
{
	size_t len = 0;

	if (glob == NULL)
		glob = fallback;
	for (; *glob != '\0' && len + 1 < 512; glob++) {
		if (*glob == '*')
			continue;
		if (*glob == '[') {
			out[len++] = *++glob;
			glob = strchr(glob, ']');
			assert_non_null(glob);
		} else if (*glob == ' ') {
			len += (size_t)snprintf(out + len, 512 - len, "\\040");
		} else {
			out[len++] = *glob == '?' ? 'x' : *glob;
		}
	}
	out[len] = '\0';
}

/* Each rule of providers.json: what matches it isn't local. */
static void
every_rule_is_reached(void **state)
{
	cJSON *list = NULL;
	size_t rules = 0;

	(void)state;
	assert_int_equal(providers_load(&list, NULL), CARNET_OK);
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next) {
		const cJSON *rule;

		cJSON_ArrayForEach(rule, carnet_json_get(provider, "mounts"))
		{
			char type[512], source[512], option[512], below[512];
			char line[4096];

			instance(
			    type, carnet_json_string(rule, "type"), "ext4");
			if (type[0] == '\0')
				strcpy(type, "ext4");
			instance(
			    source, carnet_json_string(rule, "source"), "none");
			instance(
			    option, carnet_json_string(rule, "option"), "rw");
			instance(below, carnet_json_string(rule, "path"), "");
			(void)snprintf(line, sizeof(line),
			    "0:77 / @/h/m\\040m rw - %s %s %s", type, source,
			    option);
			{
				const char *id =
				    carnet_json_string(provider, "id");
				const char *kind =
				    carnet_json_string(provider, "kind");
				const char *say =
				    carnet_json_string(rule, "verdict");
				enum guard_verdict want = GUARD_CLOUD;

				if (strcmp(kind, "network") == 0 ||
				    strcmp(kind, "host") == 0)
					want = GUARD_REMOTE;
				if (say != NULL)
					want = strcmp(say, "unknown") == 0
						   ? GUARD_UNKNOWN
						   : want;
				judge_mount(line, below, want, id);
			}
			rules++;
		}
	}
	assert_true(rules > 80);
	cJSON_Delete(list);
}

static enum guard_verdict
judge_live(const char *path, const char *home, struct guard_place *place)
{
	const struct guard_surroundings surroundings = { .home = home,
		.config_home = "/nonexistent" };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || guard_judge(fd, &surroundings, place, NULL) != CARNET_OK)
		return GUARD_OWN; /* which no case expects */
	(void)close(fd);
	return place->verdict;
}

static bool
in_a_namespace(void)
{
	if (unshare(geteuid() == 0 ? CLONE_NEWNS
				   : CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a child with mounts of its own; 0: right, 77: can't, else which. */
static int
bind_mounts_child(const char *root)
{
	char cloud[PATH_MAX], bound[PATH_MAX], plain[PATH_MAX];
	char inside[PATH_MAX], deep[PATH_MAX];
	struct guard_place place;

	if (!in_a_namespace())
		return 77;
	scratch_path(cloud, root, "Carried/sante");
	scratch_path(bound, root, "bound");
	scratch_path(deep, root, "bound/2026");
	scratch_path(plain, root, "plain");
	scratch_path(inside, root, "Carried/in");
	if (judge_live(plain, root, &place) != GUARD_LOCAL)
		return 77; /* the machine itself isn't a plain disk */
	if (mount(cloud, bound, NULL, MS_BIND, NULL) != 0)
		return 77;
	if (judge_live(bound, root, &place) != GUARD_CLOUD)
		return 1;
	if (judge_live(deep, root, &place) != GUARD_CLOUD ||
	    strcmp(place.provider, "dropbox") != 0)
		return 2;
	/* a plain folder that is bound into the cloud's */
	if (mount(plain, inside, NULL, MS_BIND, NULL) != 0)
		return 77;
	if (judge_live(plain, root, &place) != GUARD_CLOUD)
		return 3;
	/* another disk inside the cloud's folder goes up too */
	if (mount("none", inside, "tmpfs", 0, NULL) != 0)
		return 77;
	if (judge_live(inside, root, &place) != GUARD_CLOUD)
		return 4;
	if (judge_live(root, root, &place) != GUARD_LOCAL)
		return 5;
	return 0;
}

static void
bind_mounts_are_seen_through(void **state)
{
	char root[PATH_MAX];
	int status = 0;
	pid_t child;

	(void)state;
	scratch_make(root);
	scratch_folder(root, "Carried/sante/2026");
	scratch_folder(root, "Carried/in");
	scratch_folder(root, "bound");
	scratch_folder(root, "plain");
	scratch_file(root, ".dropbox/info.json",
	    "{\"personal\":{\"path\":\"@/Carried\"}}");
	child = fork();
	if (child == 0)
		_exit(bind_mounts_child(root));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	scratch_remove(root);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* No table of mounts: the kernel's word for the file system remains, and
 * without it nothing is called local. */
static void
no_table_is_unknown(void **state)
{
	const struct guard_surroundings surroundings = { .home = "",
		.mountinfo = "/nonexistent/mountinfo" };
	struct guard_place place;
	char root[PATH_MAX];
	int fd;

	(void)state;
	scratch_make(root);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
	assert_int_equal(place.verdict, GUARD_UNKNOWN);
	assert_int_equal(close(fd), 0);
	fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		assert_int_equal(
		    guard_judge(fd, NULL, &place, NULL), CARNET_OK);
		assert_int_equal(place.verdict, GUARD_UNKNOWN);
		assert_int_equal(close(fd), 0);
	}
	scratch_remove(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_parsed),
		cmocka_unit_test(the_holding_mount),
		cmocka_unit_test(other_names),
		cmocka_unit_test(the_table_is_loaded),
		cmocka_unit_test(mounts_are_told_apart),
		cmocka_unit_test(remotes_have_names),
		cmocka_unit_test(every_rule_is_reached),
		cmocka_unit_test(bind_mounts_are_seen_through),
		cmocka_unit_test(no_table_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
