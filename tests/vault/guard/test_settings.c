/* SPDX-License-Identifier: ISC */
/*
 * Other programs' configuration files: the text readers, and loading
 * (vault/guard/settings_*.c).  Databases: test_settings_sqlite.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dconf_fixture.h"
#include "scratch.h"
#include "settings.h"

struct values {
	char text[4096]; /* each value and a '|' */
	size_t count, most;
};

static bool
keep(const char *value, void *context)
{
	struct values *values = context;

	assert_true(
	    strlen(values->text) + strlen(value) + 2 < sizeof(values->text));
	strcat(values->text, value);
	strcat(values->text, "|");
	return ++values->count != values->most;
}

static void
assert_values(
    settings_reader reader, const char *text, const char *key, const char *want)
{
	struct values values = { .text = "" };
	/* no byte more than there is, so that a reader past it is seen */
	char *exact = malloc(strlen(text) + 1);

	assert_non_null(exact);
	strcpy(exact, text);
	reader(exact, strlen(exact), key, keep, &values);
	free(exact);
	assert_string_equal(values.text, want);
}

static void
ini_files(void **state)
{
	const char *text = "top=1\n[a]\n x = y z \n;x=no\n#x=no\nq=\"in\"\n"
			   "r='in \" it'\ns=\"half\nt=\n=u\n[b c]\r\nx=2\r\n"
			   "[broken\nx=3";

	(void)state;
	assert_values(settings_ini, text, "/top", "1|");
	assert_values(settings_ini, text, "a/x", "y z|");
	assert_values(settings_ini, text, "*/x", "y z|2|3|");
	assert_values(settings_ini, text, "a/q", "in|");
	assert_values(settings_ini, text, "a/r", "in \" it|");
	assert_values(settings_ini, text, "a/s", "\"half|");
	assert_values(settings_ini, text, "a/t", "|");
	assert_values(settings_ini, text, "b c/?", "2|3|");
	assert_values(settings_ini, text, "*/u", "");
	assert_values(settings_ini, "", "*", "");
	assert_values(settings_ini, "\n\n[\n]\n[]\n=", "*", "");
}

static void
long_lines_are_dropped(void **state)
{
	char *text = malloc(20000);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 20000);
	memcpy(text, "a=", 2);
	strcpy(text + 19990, "\nb=1\n");
	assert_values(settings_ini, text, "*", "1|");
	free(text);
}

static void
qt_files(void **state)
{
	(void)state;
	assert_values(settings_qt,
	    "[A]\n0\\F\\1\\localPath=/home/r\\xe9mi/N\\x2019x/\n", "A/*Path",
	    "/home/r\xc3\xa9mi/N\xe2\x80\x99x/|");
	assert_values(settings_qt, "a=\"x, y\"\n", "/a", "x, y|");
	assert_values(settings_qt, "a=x\\\\y\\\"z\\n\n", "/a", "x\\y\"z\n|");
	assert_values(
	    settings_qt, "a=\\xd83d\\xde00!\n", "/a", "\xf0\x9f\x98\x80!|");
	assert_values(settings_qt, "a=\\xde00.\\xd83d\n", "/a", ".|");
	assert_values(settings_qt, "a=\\x0b\\xffffffffffff0c\\x\\\n", "/a",
	    "\x0b"
	    "x\\|");
}

static void
json_files(void **state)
{
	(void)state;
	assert_values(settings_json,
	    "{\"a\":{\"path\":\"1\",\"n\":2},\"b\":{\"path\":\"3\"}}",
	    "/*/path", "1|3|");
	assert_values(
	    settings_json, "[{\"p\":\"1\"},{\"p\":[\"2\"]}]", "/*/p", "1|");
	assert_values(
	    settings_json, "{\"a\":{\"/p\":{},\"/q\":1}}", "/a/=", "/p|/q|");
	assert_values(settings_json, "{\"a\":[1]}", "/a/=", "");
	assert_values(settings_json, "\"x\"", "", "x|");
	assert_values(settings_json, "{\"a\":\"1\"}", "/A", "");
	assert_values(settings_json, "{\"a\":\"1\"}", "/a/b", "");
	assert_values(settings_json, "{\"a\":", "/a", "");
}

static void
xml_files(void **state)
{
	const char *key = "c/f@path";

	(void)state;
	assert_values(settings_xml,
	    "<?xml version=\"1.0\"?><c><f path=\"1\"/><f id='x' path='2' ></f"
	    "><g path=\"no\"/><d><f path=\"no\"/></d><f\npath = \"3\"\n/></c>",
	    key, "1|2|3|");
	assert_values(settings_xml,
	    "<c><!-- <f path='no'/> --><![CDATA[<f path='no'/>]]><f "
	    "path='&lt;&amp;&gt;&apos;&quot;&#65;&#x42;'/></c>",
	    key, "<&>'\"AB|");
	assert_values(settings_xml, "<c><f path='&bad;'/></c>", key, "");
	assert_values(settings_xml, "<c><f path='&#0;'/></c>", key, "");
	assert_values(settings_xml, "<c><f path='&#xD800;'/></c>", key, "");
	assert_values(settings_xml, "<c><f path='&#;'/></c>", key, "");
	assert_values(settings_xml, "<c><f path='&#x", key, "");
	assert_values(settings_xml, "<c><f path=", key, "");
	assert_values(settings_xml, "<c><f", key, "");
	assert_values(settings_xml, "<", key, "");
	assert_values(settings_xml, "<c><f path='1'><f path='2'", key, "1|");
	assert_values(
	    settings_xml, "<!DOCTYPE c><c><f path='1'/></c>", key, "");
	assert_values(settings_xml, "<c></c></c><c><f path='1'/></c>", key, "");
	assert_values(
	    settings_xml, "<c><f path='1'/><!-- <f path='2'/></c>", key, "1|");
}

static void
deep_xml_stops(void **state)
{
	char *text = calloc(1, 20000);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 4000; i++)
		strcpy(text + 3 * i, "<c>");
	strcpy(text + 12000, "<f path='1'/>");
	assert_values(settings_xml, text, "c/f@path", "");
	free(text);
}

static void
lines_of_text(void **state)
{
	(void)state;
	assert_values(settings_lines, "/a b\n\n /c \r\n", "", "/a b|/c|");
}

static void
a_reader_is_stopped(void **state)
{
	static const struct {
		settings_reader reader;
		const char *text, *key;
	} cases[] = {
		{ settings_ini, "a=1\na=2\na=3\n", "*" },
		{ settings_qt, "a=1\na=2\na=3\n", "*" },
		{ settings_lines, "1\n2\n3\n", "" },
		{ settings_json, "[\"1\",\"2\",\"3\"]", "/*" },
		{ settings_xml, "<c><f p='1'/><f p='2'/><f p='3'/></c>",
		    "c/f@p" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values values = { .text = "", .most = 2 };

		cases[i].reader(cases[i].text, strlen(cases[i].text),
		    cases[i].key, keep, &values);
		assert_string_equal(values.text, "1|2|");
	}
}

/* Each text cut at every length, and with each byte changed. */
static void
damaged_files(void **state)
{
	static const struct {
		settings_reader reader;
		const char *text, *key;
	} cases[] = {
		{ settings_qt, "[A]\na=\"\\xe9\\xd83d\\xde00\"\nb=c\n", "*" },
		{ settings_json, "{\"a\":{\"b\":[\"c\",{\"d\":\"e\"}]}}",
		    "/*/*/*" },
		{ settings_xml,
		    "<?x?><c><!-- --><f p='&#233;&amp;' q=\"r\"/></c>",
		    "c/f@p" },
		{ settings_ini, "[a]\nb = \"c\"\n;d\n", "*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);

		for (size_t at = 0; at < len; at++) {
			for (int byte = -1; byte < 256; byte += 1) {
				struct values values = { .text = "" };
				char *copy = malloc(len + 1);

				assert_non_null(copy);
				memcpy(copy, cases[i].text, len + 1);
				copy[at] = byte < 1 ? '\0' : (char)byte;
				cases[i].reader(copy, strlen(copy),
				    cases[i].key, keep, &values);
				free(copy);
			}
		}
	}
}

static void
files_are_loaded(void **state)
{
	char root[PATH_MAX], path[PATH_MAX];
	char *big = calloc(1, SETTINGS_TEXT_MAX + 1);
	char *text;
	size_t len = 99;

	(void)state;
	assert_non_null(big);
	scratch_make(root);
	scratch_file(root, "f", "hello");
	scratch_path(path, root, "f");
	text = settings_load(path, &len);
	assert_string_equal(text, "hello");
	assert_int_equal(len, 5);
	free(text);
	scratch_bytes(root, "f", "", 0);
	text = settings_load(path, &len);
	assert_string_equal(text, "");
	free(text);
	scratch_bytes(root, "f", "a\0b", 3);
	assert_null(settings_load(path, &len));
	memset(big, 'x', SETTINGS_TEXT_MAX + 1);
	scratch_bytes(root, "f", big, SETTINGS_TEXT_MAX);
	text = settings_load(path, &len);
	assert_non_null(text);
	assert_int_equal(len, SETTINGS_TEXT_MAX);
	free(text);
	scratch_bytes(root, "f", big, SETTINGS_TEXT_MAX + 1);
	assert_null(settings_load(path, &len));
	assert_null(settings_load(root, &len));
	assert_null(settings_load("/dev/zero", &len));
	assert_null(settings_load("/nonexistent/x", &len));
	scratch_remove(root);
	free(big);
}

static void
key_files(void **state)
{
	const char *text = "[org/gnome/deja-dup]\nbackend='google'\n"
			   "include-list=['$HOME', \"it's\", 'a\\'b', '']\n"
			   "exclude-list=@as []\nbroken=['a', 'b\n"
			   "[org/gnome/deja-dup/google]\nfolder='x'\n";
	const char *at = "org/gnome/deja-dup/";
	static const struct {
		const char *key, *want;
	} cases[] = { { "backend", "google|" },
		{ "include-list", "$HOME|it's|a'b||" },
		{ "exclude-list", "@as []|" }, { "broken", "a|" },
		{ "folder", "" }, { "google/folder", "x|" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char key[128];

		(void)snprintf(key, sizeof(key), "%s%s", at, cases[i].key);
		assert_values(settings_keyfile, text, key, cases[i].want);
	}
}

static void
yaml_files(void **state)
{
	const char *text =
	    "# comment\nsource_directories:   # more\n    - /home\n"
	    "    - \"/a b\"  # x\n    - '/c#d'\n    - /e # f\n\n"
	    "repositories:\n- path: ssh://u@h:22/./r\n  label: away\n"
	    "- path: /mnt/b\n  label: \"near: by\"\nnested:\n"
	    "  repositories:\n    - user@host:repo\n"
	    "flow: [/x, '/y' , \"/z\"]\none: /w\nempty: []\n"
	    "after:\n  - q: 1\nlast:\n  -\n  - end";

	(void)state;
	assert_values(
	    settings_yaml, text, "source_directories", "/home|/a b|/c#d|/e|");
	assert_values(settings_yaml, text, "path", "ssh://u@h:22/./r|/mnt/b|");
	assert_values(settings_yaml, text, "repositories", "user@host:repo|");
	assert_values(settings_yaml, text, "label", "away|near: by|");
	assert_values(settings_yaml, text, "flow", "/x|/y|/z|");
	assert_values(settings_yaml, text, "one", "/w|");
	assert_values(settings_yaml, text, "empty", "");
	assert_values(settings_yaml, text, "after", "");
	assert_values(settings_yaml, text, "last", "end|");
	assert_values(settings_yaml, "- a\n-\n:\n: x\n[\n[]\n-", "*", "");
	assert_values(settings_yaml, "", "*", "");
}

static void
assert_dconf(const char *root, const void *bytes, size_t len, const char *key,
    const char *want)
{
	struct values values = { .text = "" };
	char path[PATH_MAX];

	scratch_bytes(root, "user", bytes, len);
	scratch_path(path, root, "user");
	settings_dconf(path, key, keep, &values);
	if (want != NULL)
		assert_string_equal(values.text, want);
}

static void
dconf_databases(void **state)
{
	static const struct {
		const char *key, *want;
	} cases[] = { { "/org/gnome/deja-dup/backend", "google|" },
		{ "/org/gnome/deja-dup/include-list",
		    "$HOME/Kept|Loose|/srv/projects|" },
		{ "/org/gnome/deja-dup/periodic", "" }, /* neither kind */
		{ "/org/gnome/desktop/interface/gtk-theme", "Adwaita|" },
		{ "/org/gnome/deja-dup/", "" }, { "/org/gnome/deja-dup", "" },
		{ "org/gnome/deja-dup/backend", "" }, { "backend", "" },
		{ "", "" } };
	uint8_t hurt[DCONF_FIXTURE_LEN];
	size_t len = DCONF_FIXTURE_LEN;
	char root[PATH_MAX];

	(void)state;
	scratch_make(root);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_dconf(
		    root, dconf_fixture, len, cases[i].key, cases[i].want);
	/* whatever is wrong with it: nothing is read beyond its end */
	for (size_t i = 0; i < len; i++) {
		for (int how = 0; how < 3; how++) {
			memcpy(hurt, dconf_fixture, len);
			hurt[i] = how == 0   ? 0xff
				  : how == 1 ? 0
					     : (uint8_t)(hurt[i] ^ 1);
			assert_dconf(root, hurt, len, cases[1].key, NULL);
		}
		assert_dconf(root, dconf_fixture, i, cases[1].key, NULL);
	}
	scratch_remove(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ini_files),
		cmocka_unit_test(long_lines_are_dropped),
		cmocka_unit_test(qt_files),
		cmocka_unit_test(json_files),
		cmocka_unit_test(xml_files),
		cmocka_unit_test(deep_xml_stops),
		cmocka_unit_test(lines_of_text),
		cmocka_unit_test(key_files),
		cmocka_unit_test(yaml_files),
		cmocka_unit_test(dconf_databases),
		cmocka_unit_test(a_reader_is_stopped),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(files_are_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
