/* SPDX-License-Identifier: ISC */
/*
 * Reading other programs' databases (settings_sqlite.c, pagefile.c) against
 * what SQLite itself writes: page sizes, overflow, many rows, the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard.h"
#include "scratch.h"
#include "settings.h"

struct values {
	char *text;
	size_t count, len;
};

static bool
count(const char *value, void *context)
{
	struct values *values = context;

	values->count++;
	values->len += strlen(value);
	free(values->text);
	values->text = strdup(value); /* the last */
	return true;
}

static sqlite3 *
database(const char *root, const char *name, const char *sql)
{
	char path[PATH_MAX];
	char *message = NULL;
	sqlite3 *db = NULL;

	scratch_path(path, root, name);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	return db;
}

static void
assert_reads(const char *root, const char *name, const char *key, size_t number,
    const char *last)
{
	struct values values = { 0 };
	char path[PATH_MAX];

	scratch_path(path, root, name);
	settings_sqlite(path, key, count, &values);
	assert_int_equal(values.count, number);
	if (last != NULL) {
		assert_non_null(values.text);
		assert_string_equal(values.text, last);
	}
	free(values.text);
}

static void
tables_and_columns(void **state)
{
	char root[PATH_MAX];
	sqlite3 *db;

	(void)state;
	scratch_make(root);
	db = database(root, "db",
	    "CREATE TABLE other(localPath TEXT);"
	    "INSERT INTO other VALUES('/no');"
	    "CREATE TABLE IF NOT EXISTS \"sync\" (dbId INTEGER PRIMARY KEY, "
	    "n NUMERIC(5,2) DEFAULT (1+(2)), x TEXT CHECK (x <> ',)'), "
	    "[local Path] TEXT, localPath TEXT, FOREIGN KEY (n) REFERENCES "
	    "other(localPath)) ;"
	    "CREATE INDEX i ON sync(localPath);"
	    "INSERT INTO sync VALUES(1, 2.5, 'a', 'b', '/one');"
	    "INSERT INTO sync VALUES(9000000000, NULL, NULL, NULL, NULL);"
	    "INSERT INTO sync VALUES(3, -70000, 5, x'00', x'2f78');"
	    "INSERT INTO sync VALUES(-4, 0, 1, 2, '/tw\xc3\xb6');"
	    "CREATE TABLE p(id TEXT, key TEXT, value TEXT);"
	    "INSERT INTO p VALUES('a','worktree','/w'),('a','url','/u'),"
	    "('b','worktree','/x');"
	    "ALTER TABLE p ADD COLUMN more TEXT;"
	    "INSERT INTO p VALUES('c','k','v','/m');");
	assert_reads(root, "db", "sync.localPath", 2, "/one");
	assert_reads(root, "db", "SYNC.LOCALPATH", 2, "/one");
	assert_reads(root, "db", "sync.x", 3, "5");
	assert_reads(root, "db", "p.value?key=worktree", 2, "/x");
	assert_reads(root, "db", "p.value?key=none", 0, NULL);
	assert_reads(root, "db", "p.value?none=x", 0, NULL);
	assert_reads(root, "db", "p.more", 1, "/m");
	assert_reads(root, "db", "sync.absent", 0, NULL);
	assert_reads(root, "db", "absent.value", 0, NULL);
	assert_reads(root, "db", "nonsense", 0, NULL);
	assert_reads(root, "nofile", "p.value", 0, NULL);
	sqlite3_close(db);
	scratch_remove(root);
}

/* Tables WITHOUT ROWID keep their rows in an index's tree, key first. */
static void
tables_without_rowid(void **state)
{
	char root[PATH_MAX];
	struct values values = { 0 };
	char path[PATH_MAX];
	sqlite3 *db;

	(void)state;
	scratch_make(root);
	db = database(root, "db",
	    "PRAGMA page_size=512;"
	    "CREATE TABLE a(x TEXT, y TEXT, id INTEGER PRIMARY KEY, z TEXT) "
	    "WITHOUT ROWID;"
	    "INSERT INTO a VALUES('/x', '/y', 2, '/z');"
	    "CREATE TABLE b(id TEXT, v TEXT, w TEXT, PRIMARY KEY (w, id)) "
	    "WITHOUT ROWID;"
	    "INSERT INTO b VALUES('/id', '/v', '/w');"
	    "CREATE TABLE big(id INTEGER PRIMARY KEY, v TEXT) WITHOUT ROWID;"
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n "
	    "WHERE i < 999) INSERT INTO big SELECT i, "
	    "substr(replace(hex(zeroblob(i)),'00','abc'),1,i) FROM n;");
	assert_reads(root, "db", "a.x", 1, "/x");
	assert_reads(root, "db", "a.y", 1, "/y");
	assert_reads(root, "db", "a.z", 1, "/z");
	assert_reads(root, "db", "b.w", 1, "/w");
	assert_reads(root, "db", "b.id", 1, "/id");
	assert_reads(root, "db", "b.v", 1, "/v");
	assert_reads(root, "db", "b.v?id=/id", 1, "/v");
	scratch_path(path, root, "db");
	settings_sqlite(path, "big.v", count, &values);
	assert_int_equal(values.count, 1000);
	assert_int_equal(values.len, 999 * 1000 / 2);
	free(values.text);
	sqlite3_close(db);
	scratch_remove(root);
}

static void
sizes(void **state)
{
	static const int pages[] = { 512, 1024, 4096, 65536 };
	char root[PATH_MAX], sql[1024];

	(void)state;
	scratch_make(root);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct values values = { 0 };
		char name[32], path[PATH_MAX];
		sqlite3 *db;

		(void)snprintf(name, sizeof(name), "db%d", pages[i]);
		/* rows of each length around every overflow limit, and a
		 * tree of several levels */
		(void)snprintf(sql, sizeof(sql),
		    "PRAGMA page_size=%d; CREATE TABLE t(a TEXT, b TEXT); "
		    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 "
		    "FROM n WHERE i < 3000) INSERT INTO t SELECT 'x', "
		    "substr(replace(hex(zeroblob(i)),'00','abc'),1,i) "
		    "FROM n;",
		    pages[i]);
		db = database(root, name, sql);
		scratch_path(path, root, name);
		settings_sqlite(path, "t.b", count, &values);
		assert_int_equal(values.count, 3001);
		assert_int_equal(values.len, 3000 * 3001 / 2);
		assert_int_equal(strlen(values.text), 3000);
		for (size_t at = 0; at < 3000; at++)
			assert_int_equal(values.text[at], "abc"[at % 3]);
		free(values.text);
		sqlite3_close(db);
	}
	scratch_remove(root);
}

static void
what_the_log_holds(void **state)
{
	char root[PATH_MAX];
	sqlite3 *db, *writer;

	(void)state;
	scratch_make(root);
	db = database(root, "db",
	    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
	    "CREATE TABLE t(a TEXT); INSERT INTO t VALUES('/old');");
	assert_reads(root, "db", "t.a", 1, "/old");
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE t SET a='/new'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_reads(root, "db", "t.a", 1, "/new");
	/* a transaction that isn't committed doesn't count, even spilled */
	writer = database(root, "db",
	    "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=2; BEGIN; "
	    "UPDATE t SET a='/never'; CREATE TABLE u(b TEXT); "
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n "
	    "WHERE i < 500) INSERT INTO u SELECT hex(zeroblob(500)) FROM n;");
	assert_reads(root, "db", "t.a", 1, "/new");
	assert_int_equal(
	    sqlite3_exec(writer, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "INSERT INTO t VALUES('/more')", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_reads(root, "db", "t.a", 2, "/more");
	sqlite3_close(writer);
	assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	assert_reads(root, "db", "t.a", 2, "/more");
	sqlite3_close(db);
	assert_reads(root, "db", "t.a", 2, "/more");
	scratch_remove(root);
}

static uint8_t *
load(const char *root, const char *name, size_t *ret_len)
{
	char path[PATH_MAX];
	uint8_t *bytes = malloc(1 << 20);
	FILE *file;

	assert_non_null(bytes);
	scratch_path(path, root, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	*ret_len = fread(bytes, 1, 1 << 20, file);
	(void)fclose(file);
	return bytes;
}

/* Changes one byte of a file. */
static void
poke(const char *path, size_t at, uint8_t byte)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	assert_int_equal(close(fd), 0);
}

/* Every byte changed in turn, and the file cut at many places: nothing but
 * other values, and an end. */
static void
damage(void **state)
{
	char root[PATH_MAX], path[PATH_MAX];
	uint8_t *bytes, *log;
	size_t len, log_len;
	sqlite3 *db;

	(void)state;
	scratch_make(root);
	db = database(root, "db",
	    "PRAGMA page_size=512; PRAGMA journal_mode=WAL; "
	    "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a TEXT, b TEXT); "
	    "CREATE TABLE w(k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID;"
	    "INSERT INTO w VALUES('a', hex(zeroblob(400))), ('b', 'c');"
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n "
	    "WHERE i < 9) INSERT INTO t SELECT 'k', hex(zeroblob(70*i)) "
	    "FROM n; PRAGMA wal_checkpoint(TRUNCATE); "
	    "INSERT INTO t VALUES('k', '/last');");
	bytes = load(root, "db", &len);
	log = load(root, "db-wal", &log_len);
	sqlite3_close(db);
	assert_true(len >= 512 * 4 && log_len > 512);
	scratch_path(path, root, "x");
	scratch_bytes(root, "x", bytes, len);
	for (size_t at = 0; at < len; at++) {
		static const uint8_t changes[] = { 0x00, 0xff, 0x80 };

		for (size_t i = 0; i < sizeof(changes); i++) {
			struct values values = { 0 };

			poke(path, at, changes[i]);
			settings_sqlite(path, "t.b?a=k", count, &values);
			settings_sqlite(path, "w.v", count, &values);
			free(values.text);
		}
		poke(path, at, bytes[at]);
	}
	for (size_t cut = 0; cut < len; cut += 37) {
		struct values values = { 0 };

		scratch_bytes(root, "x", bytes, cut);
		settings_sqlite(path, "t.b", count, &values);
		free(values.text);
	}
	scratch_bytes(root, "x", bytes, len);
	scratch_bytes(root, "x-wal", log, log_len);
	assert_reads(root, "x", "t.b", 11, "/last");
	scratch_path(path, root, "x-wal");
	for (size_t at = 0; at < log_len; at += at < 64 ? 1 : 5) {
		poke(path, at, (uint8_t)~log[at]);
		/* a damaged frame, and all after it, don't count */
		assert_reads(root, "x", "t.b", 10, NULL);
		poke(path, at, log[at]);
	}
	assert_reads(root, "x", "t.b", 11, "/last");
	free(bytes);
	free(log);
	scratch_remove(root);
}

/* A table that is its own child must end. */
static void
circles(void **state)
{
	char root[PATH_MAX];
	uint8_t *bytes;
	size_t len;
	sqlite3 *db;

	(void)state;
	scratch_make(root);
	db = database(root, "db",
	    "PRAGMA page_size=512; CREATE TABLE t(a TEXT); "
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n "
	    "WHERE i < 200) INSERT INTO t SELECT hex(zeroblob(40)) FROM n;");
	sqlite3_close(db);
	bytes = load(root, "db", &len);
	assert_int_equal(bytes[512], 0x05); /* an interior page */
	for (size_t i = 0; i < 8; i++) {
		size_t at = (size_t)bytes[512 + 12 + 2 * i] << 8 |
			    bytes[512 + 13 + 2 * i];

		memcpy(bytes + 512 + at, "\0\0\0\2", 4);
	}
	scratch_bytes(root, "db", bytes, len);
	{
		struct values values = { 0 };
		char path[PATH_MAX];

		scratch_path(path, root, "db");
		settings_sqlite(path, "t.a", count, &values);
		assert_true(values.count <= SETTINGS_VALUES_MAX);
		free(values.text);
	}
	free(bytes);
	scratch_remove(root);
}

/* The clients that keep their folders in databases, as the guard sees it. */
static void
clients_with_databases(void **state)
{
	static const struct {
		const char *id, *folder, *file, *sql;
	} cases[] = {
		{ "pcloud", ".pcloud", ".pcloud/data.db",
		    "CREATE TABLE syncfolder (id INTEGER PRIMARY KEY, folderid "
		    "INTEGER, localpath VARCHAR(4096), synctype INTEGER);"
		    "INSERT INTO syncfolder VALUES(1, 0, '%s/Carried', 3)" },
		{ "kdrive", ".config/kDrive", ".config/kDrive/.parms.db",
		    "PRAGMA journal_mode=WAL; CREATE TABLE drive(dbId INTEGER "
		    "PRIMARY KEY, driveName TEXT) WITHOUT ROWID; CREATE TABLE "
		    "sync(dbId INTEGER PRIMARY KEY,driveDbId INTEGER,localPath "
		    "TEXT,localNodeId TEXT,targetPath TEXT, FOREIGN KEY "
		    "(driveDbId) REFERENCES drive(dbId) ON DELETE CASCADE ON "
		    "UPDATE NO ACTION) WITHOUT ROWID;"
		    "INSERT INTO sync VALUES(1, 1, '%s/Carried', '77', '/')" },
		{ "seafile", "Seafile/.seafile-data",
		    "Seafile/.seafile-data/repo.db",
		    "CREATE TABLE RepoProperty (repo_id TEXT, key TEXT, value "
		    "TEXT); INSERT INTO RepoProperty VALUES('r', 'worktree', "
		    "'%s/Carried'), ('r', 'server-url', 'https://x.example')" },
		{ "synology-drive", ".SynologyDrive/data/db",
		    ".SynologyDrive/data/db/sys.sqlite",
		    "CREATE TABLE session_table (id INTEGER PRIMARY KEY, "
		    "share_name TEXT, remote_path TEXT, sync_folder TEXT);"
		    "INSERT INTO session_table VALUES(1, 'h', '/', "
		    "'%s/Carried/')" },
		{ "celeste", ".config/celeste", ".config/celeste/celeste.db",
		    "CREATE TABLE sync_dirs (id integer NOT NULL PRIMARY KEY "
		    "AUTOINCREMENT, remote_id integer NOT NULL, local_path "
		    "text NOT NULL, remote_path text NOT NULL);"
		    "INSERT INTO sync_dirs VALUES(1, 1, '%s/Carried', 'x')" },
		{ "vorta", ".local/share/Vorta",
		    ".local/share/Vorta/settings.db",
		    "CREATE TABLE repomodel (id INTEGER NOT NULL PRIMARY KEY, "
		    "url VARCHAR(255) NOT NULL); CREATE TABLE sourcedirmodel "
		    "(id INTEGER NOT NULL PRIMARY KEY, dir VARCHAR(255) NOT "
		    "NULL, dir_size INTEGER NOT NULL); INSERT INTO repomodel "
		    "VALUES(1, 'ssh://u@host.example/./repo'); INSERT INTO "
		    "sourcedirmodel VALUES(1, '%s/Carried', -1)" },
		{ "duplicati", ".config/Duplicati",
		    ".config/Duplicati/Duplicati-server.sqlite",
		    "CREATE TABLE \"Backup\" (\"ID\" INTEGER PRIMARY KEY "
		    "AUTOINCREMENT, \"Name\" TEXT NOT NULL, \"TargetURL\" TEXT "
		    "NOT NULL); CREATE TABLE \"Source\" (\"BackupID\" INTEGER "
		    "NOT NULL, \"Path\" TEXT NOT NULL); INSERT INTO \"Backup\" "
		    "VALUES(1, 'x', 'enc-v1:0011'); INSERT INTO \"Source\" "
		    "VALUES(1, '%s/Carried/')" },
		{ "duplicati", ".config/Duplicati",
		    ".config/Duplicati/Duplicati-server.sqlite",
		    "CREATE TABLE \"Backup\" (\"ID\" INTEGER PRIMARY KEY, "
		    "\"TargetURL\" TEXT NOT NULL); CREATE TABLE \"Source\" "
		    "(\"BackupID\" INTEGER NOT NULL, \"Path\" TEXT NOT NULL); "
		    "CREATE TABLE \"BackupTargetUrl\" (\"ID\" INTEGER PRIMARY "
		    "KEY AUTOINCREMENT, \"BackupID\" INTEGER NOT NULL, "
		    "\"TargetURL\" TEXT NOT NULL); INSERT INTO \"Backup\" "
		    "VALUES(1, 'file:///mnt/disk'); INSERT INTO "
		    "\"BackupTargetUrl\" VALUES(1, 1, 's3://bucket'); INSERT "
		    "INTO \"Source\" VALUES(1, '%s/Carried/')" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char root[PATH_MAX], mounts[PATH_MAX], path[PATH_MAX];
		char sql[2 * PATH_MAX];
		struct guard_surroundings surroundings = {
			.home = root, .config_home = "", .mountinfo = mounts
		};
		struct guard_place place;
		sqlite3 *db;
		int fd;

		scratch_make(root);
		scratch_file(
		    root, "mounts", "1 0 254:0 / / rw - ext4 /dev/vda rw\n");
		scratch_path(mounts, root, "mounts");
		scratch_folder(root, "Carried/sub");
		scratch_folder(root, "Free");
		scratch_folder(root, cases[i].folder);
		(void)snprintf(sql, sizeof(sql), cases[i].sql, root);
		db = database(root, cases[i].file, sql);
		scratch_path(path, root, "Carried/sub");
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(
		    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
		assert_int_equal(place.verdict, GUARD_CLOUD);
		assert_string_equal(place.provider, cases[i].id);
		assert_int_equal(close(fd), 0);
		scratch_path(path, root, "Free");
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(
		    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
		assert_int_equal(place.verdict, GUARD_LOCAL);
		assert_int_equal(close(fd), 0);
		sqlite3_close(db);
		scratch_remove(root);
	}
}

/* Seafile's own pointer to its data: one file names the other. */
static void
seafile_elsewhere(void **state)
{
	char root[PATH_MAX], mounts[PATH_MAX], path[PATH_MAX];
	char sql[2 * PATH_MAX];
	struct guard_surroundings surroundings = {
		.home = root, .config_home = "", .mountinfo = mounts
	};
	struct guard_place place;
	sqlite3 *db;
	int fd;

	(void)state;
	scratch_make(root);
	scratch_file(root, "mounts", "1 0 254:0 / / rw - ext4 /dev/vda rw\n");
	scratch_path(mounts, root, "mounts");
	scratch_file(root, ".ccnet/seafile.ini", "@/od[d]/data\n");
	scratch_folder(root, "od[d]/data");
	scratch_folder(root, "Docs");
	(void)snprintf(sql, sizeof(sql),
	    "CREATE TABLE RepoProperty (repo_id TEXT, key TEXT, value TEXT);"
	    "INSERT INTO RepoProperty VALUES('r', 'worktree', '%s/Docs')",
	    root);
	db = database(root, "od[d]/data/repo.db", sql);
	scratch_path(path, root, "Docs");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    guard_judge(fd, &surroundings, &place, NULL), CARNET_OK);
	assert_int_equal(place.verdict, GUARD_CLOUD);
	assert_string_equal(place.provider, "seafile");
	assert_int_equal(close(fd), 0);
	sqlite3_close(db);
	scratch_remove(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_and_columns),
		cmocka_unit_test(tables_without_rowid),
		cmocka_unit_test(sizes),
		cmocka_unit_test(what_the_log_holds),
		cmocka_unit_test(damage),
		cmocka_unit_test(circles),
		cmocka_unit_test(clients_with_databases),
		cmocka_unit_test(seafile_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
