/* SPDX-License-Identifier: ISC */
/*
 * Recovery words.  Known answers were made by the Python package "mnemonic"
 * from the entropies beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "seal.h"
#include "words.h"

static const struct {
	const char *entropy, *lang, *words;
} known[] = {
	{ "0000000000000000000000000000000000000000", "fr",
	    "abaisser abaisser abaisser abaisser abaisser "
	    "abaisser abaisser abaisser abaisser abaisser "
	    "abaisser abaisser abaisser abaisser acerbe" },
	{ "0000000000000000000000000000000000000000", "en",
	    "abandon abandon abandon abandon abandon abandon "
	    "abandon abandon abandon abandon abandon abandon "
	    "abandon abandon address" },
	{ "ffffffffffffffffffffffffffffffffffffffff", "fr",
	    "zoologie zoologie zoologie zoologie zoologie "
	    "zoologie zoologie zoologie zoologie zoologie "
	    "zoologie zoologie zoologie zoologie vorace" },
	{ "ffffffffffffffffffffffffffffffffffffffff", "en",
	    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
	    "zoo zoo wrist" },
	{ "8080808080808080808080808080808080808080", "fr",
	    "indexer acompte bolide abrasif agréable dédale "
	    "abusif appuyer indexer acompte bolide abrasif "
	    "agréable dédale abroger" },
	{ "8080808080808080808080808080808080808080", "en",
	    "letter advice cage absurd amount doctor "
	    "acoustic avoid letter advice cage absurd amount "
	    "doctor accident" },
	{ "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f", "fr",
	    "implorer visage sonnette voyage véloce pourpre "
	    "volaille tribunal implorer visage sonnette "
	    "voyage véloce pourpre visuel" },
	{ "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f", "en",
	    "legal winner thank year wave sausage worth "
	    "useful legal winner thank year wave sausage "
	    "wise" },
	{ "00112233445566778899aabbccddeeff01234567", "fr",
	    "abaisser justice légume junior envahir crucial "
	    "branche coincer pliage filière horizon volcan "
	    "arsenic nation minorer" },
	{ "00112233445566778899aabbccddeeff01234567", "en",
	    "abandon math mimic master filter design carbon "
	    "crystal rookie group knife wrap banana pencil "
	    "original" },
	{ "d2fd79a2beb97c49d34302055a28dbe08bffedea", "fr",
	    "royaume titane flatteur hygiène mauve buffle "
	    "école exiler adjuger romance congeler prétexte "
	    "pouvoir vaseux omettre" },
	{ "d2fd79a2beb97c49d34302055a28dbe08bffedea", "en",
	    "spray type hamster latin oak ceiling escape "
	    "gate aim spend dad scissors say want produce" },
	{ "a64c89f2592b4dcccad86640cb7e063cc91e171e", "fr",
	    "normatif féconder huileux paradoxe peigne tabac "
	    "caution anaphore défiler éteindre informer "
	    "hérisson lucide amertume hilarant" },
	{ "a64c89f2592b4dcccad86640cb7e063cc91e171e", "en",
	    "play gold lady rather regular toy clock art "
	    "dolphin fossil light kangaroo music argue "
	    "kidney" },
};

static const char ways_entropy[] = "99ca5ae02323f55722717451e510771a6433b102";

/* the same words, two neighbours swapped */
static const char swapped[] = "ench\303\250re mensonge pharaon digital d\303"
			      "\251caler ombrage label chaton \303\251mouvo"
			      "ir caneton biopsie coffre d\303\251placer s\303"
			      "\251ance amateur";

static struct secret *
typed(const char *text)
{
	struct secret *secret = secret_from(text, strlen(text));

	assert_non_null(secret);
	return secret;
}

static enum carnet_status
decode(const char *text, struct secret **ret, struct carnet_error *err)
{
	struct secret *words = typed(text);
	enum carnet_status status = words_decode(words, ret, err);

	secret_free(words);
	return status;
}

/* Whether the candidates hold these bytes. */
static void
assert_entropy(const char *text, const uint8_t entropy[WORDS_ENTROPY])
{
	struct secret *candidates = NULL;
	struct carnet_error err = { 0 };
	bool found = false;

	if (decode(text, &candidates, &err) != CARNET_OK)
		fail_msg("%s: %s", text, err.message);
	for (size_t at = 0; at < secret_len(candidates); at += WORDS_ENTROPY)
		if (memcmp(secret_peek(candidates) + at, entropy,
			WORDS_ENTROPY) == 0)
			found = true;
	assert_true(found);
	secret_free(candidates);
}

static void
known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint8_t entropy[WORDS_ENTROPY];
		struct secret *words = NULL;

		assert_true(
		    hex_decode(known[i].entropy, entropy, WORDS_ENTROPY));
		assert_int_equal(
		    words_encode(entropy, known[i].lang, &words, NULL),
		    CARNET_OK);
		assert_int_equal(secret_len(words), strlen(known[i].words));
		assert_memory_equal(
		    secret_peek(words), known[i].words, secret_len(words));
		secret_free(words);
		assert_entropy(known[i].words, entropy);
	}
}

static void
any_way_of_typing(void **state)
{
	static const char *const ways[] = {
		"mensonge ench\303\250re pharaon digital d\303"
		"\251caler ombrage label chaton \303\251mouvo"
		"ir caneton biopsie coffre d\303\251placer s\303"
		"\251ance amateur",
		"MENSONGE ENCH\303\210RE PHARAON DIGITAL D\303"
		"\211CALER OMBRAGE LABEL CHATON \303\211MOUVO"
		"IR CANETON BIOPSIE COFFRE D\303\211PLACER S\303"
		"\211ANCE AMATEUR",
		"mensonge enchere pharaon digital decaler omb"
		"rage label chaton emouvoir caneton biopsie c"
		"offre deplacer seance amateur",
		"MENSONGE ENCHERE PHARAON DIGITAL DECALER OMB"
		"RAGE LABEL CHATON EMOUVOIR CANETON BIOPSIE C"
		"OFFRE DEPLACER SEANCE AMATEUR",
		"mensonge enche\314\200re pharaon digital de\314"
		"\201caler ombrage label chaton e\314\201mouv"
		"oir caneton biopsie coffre de\314\201placer "
		"se\314\201ance amateur",
		"MENSONGE ENCHE\314\200RE PHARAON DIGITAL DE\314"
		"\201CALER OMBRAGE LABEL CHATON E\314\201MOUV"
		"OIR CANETON BIOPSIE COFFRE DE\314\201PLACER "
		"SE\314\201ANCE AMATEUR",
		"mensonge, ench\303\250re, pharaon, digital, "
		"d\303\251caler, ombrage, label, chaton, \303"
		"\251mouvoir, caneton, biopsie, coffre, d\303"
		"\251placer, s\303\251ance, amateur",
		" 1. mensonge\012 2. ench\303\250re\012 3. ph"
		"araon\012 4. digital\012 5. d\303\251caler\012"
		" 6. ombrage\012 7. label\012 8. chaton\012 9"
		". \303\251mouvoir\01210. caneton\01211. biop"
		"sie\01212. coffre\01213. d\303\251placer\012"
		"14. s\303\251ance\01215. amateur\012",
		"mens-ench-phar-digi-deca-ombr-labe-chat-emou"
		"-cane-biop-coff-depl-sean-amat",
		"mensonge\011ench\303\250re\011pharaon\011dig"
		"ital\011d\303\251caler\011ombrage\011label\011"
		"chaton\011\303\251mouvoir\011caneton\011biop"
		"sie\011coffre\011d\303\251placer\011s\303\251"
		"ance\011amateur\015\012",
		"  mensonge ench\303\250re pharaon digital d\303"
		"\251caler ombrage label chaton \303\251mouvo"
		"ir caneton biopsie coffre d\303\251placer s\303"
		"\251ance amateur  .",
		"Mensonge Ench\303\250re Pharaon Digital D\303"
		"\251caler Ombrage Label Chaton \303\211mouvo"
		"ir Caneton Biopsie Coffre D\303\251placer S\303"
		"\251ance Amateur",
		"mensonge\302\240ench\303\250re\302\240pharao"
		"n\302\240digital\302\240d\303\251caler\302\240"
		"ombrage\302\240label\302\240chaton\302\240\303"
		"\251mouvoir\302\240caneton\302\240biopsie\302"
		"\240coffre\302\240d\303\251placer\302\240s\303"
		"\251ance\302\240amateur",
		"MENSON\342\200\231ENCHER\342\200\231PHARAO\342"
		"\200\231DIGITA\342\200\231DECALE\342\200\231"
		"OMBRAG\342\200\231LABEL\342\200\231CHATON\342"
		"\200\231EMOUVO\342\200\231CANETO\342\200\231"
		"BIOPSI\342\200\231COFFRE\342\200\231DEPLAC\342"
		"\200\231SEANCE\342\200\231AMATEU",
		"\357\273\277mensonge ench\303\250re pharaon "
		"digital d\303\251caler ombrage label chaton "
		"\303\251mouvoir caneton biopsie coffre d\303"
		"\251placer s\303\251ance amateur",
		"\357\275\215\357\275\205\357\275\216\357\275"
		"\223\357\275\217\357\275\216\357\275\207\357"
		"\275\205 \357\275\205\357\275\216\357\275\203"
		"\357\275\210\357\275\205\357\275\222\357\275"
		"\205 \357\275\220\357\275\210\357\275\201\357"
		"\275\222\357\275\201\357\275\217\357\275\216"
		" \357\275\204\357\275\211\357\275\207\357\275"
		"\211\357\275\224\357\275\201\357\275\214 \357"
		"\275\204\357\275\205\357\275\203\357\275\201"
		"\357\275\214\357\275\205\357\275\222 \357\275"
		"\217\357\275\215\357\275\202\357\275\222\357"
		"\275\201\357\275\207\357\275\205 \357\275\214"
		"\357\275\201\357\275\202\357\275\205\357\275"
		"\214 \357\275\203\357\275\210\357\275\201\357"
		"\275\224\357\275\217\357\275\216 \357\275\205"
		"\357\275\215\357\275\217\357\275\225\357\275"
		"\226\357\275\217\357\275\211\357\275\222 \357"
		"\275\203\357\275\201\357\275\216\357\275\205"
		"\357\275\224\357\275\217\357\275\216 \357\275"
		"\202\357\275\211\357\275\217\357\275\220\357"
		"\275\223\357\275\211\357\275\205 \357\275\203"
		"\357\275\217\357\275\206\357\275\206\357\275"
		"\222\357\275\205 \357\275\204\357\275\205\357"
		"\275\220\357\275\214\357\275\201\357\275\203"
		"\357\275\205\357\275\222 \357\275\223\357\275"
		"\205\357\275\201\357\275\216\357\275\203\357"
		"\275\205 \357\275\201\357\275\215\357\275\201"
		"\357\275\224\357\275\205\357\275\225\357\275"
		"\222",
		"me\302\255nsonge en\302\255ch\303\250re ph\302"
		"\255araon di\302\255gital d\303\251\302\255c"
		"aler om\302\255brage la\302\255bel ch\302\255"
		"aton \303\251m\302\255ouvoir ca\302\255neton"
		" bi\302\255opsie co\302\255ffre d\303\251\302"
		"\255placer s\303\251\302\255ance am\302\255a"
		"teur",
	};
	uint8_t entropy[WORDS_ENTROPY];

	(void)state;
	assert_true(hex_decode(ways_entropy, entropy, WORDS_ENTROPY));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		assert_entropy(ways[i], entropy);
}

static void
random_words_come_back(void **state)
{
	static const char *const langs[] = { "fr", "en" };

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		uint8_t entropy[WORDS_ENTROPY];
		struct secret *words = NULL;
		char text[256] = "", brief[256] = "", *word, *rest = NULL;

		random_fill(entropy, sizeof(entropy));
		assert_int_equal(
		    words_encode(entropy, langs[i % 2], &words, NULL),
		    CARNET_OK);
		memcpy(text, secret_peek(words), secret_len(words));
		assert_entropy(text, entropy);
		/* four code points of each, accents kept */
		for (word = strtok_r(text, " ", &rest); word != NULL;
		     word = strtok_r(NULL, " ", &rest)) {
			size_t len = 0, points = 0;

			for (; word[len] != '\0'; len++)
				if (((uint8_t)word[len] & 0xc0) != 0x80 &&
				    points++ == 4)
					break;
			strncat(brief, word, len);
			strcat(brief, ",");
		}
		assert_entropy(brief, entropy);
		secret_free(words);
	}
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* part of it */
	} rows[] = {
		{ "", "0 recovery words, not 15" },
		{ "  ,.; 12", "0 recovery words" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage label chaton \303\251mouvo"
		  "ir caneton biopsie coffre d\303\251placer s\303"
		  "\251ance",
		    "14 recovery words, not 15" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage label chaton \303\251mouvo"
		  "ir caneton biopsie coffre d\303\251placer s\303"
		  "\251ance amateur mensonge",
		    "16 recovery words, not 15" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage carnet chaton \303\251mouv"
		  "oir caneton biopsie coffre d\303\251placer s"
		  "\303\251ance amateur",
		    "recovery word 7 is neither" },
		{ "aba ench\303\250re pharaon digital d\303\251"
		  "caler ombrage label chaton \303\251mouvoir c"
		  "aneton biopsie coffre d\303\251placer s\303\251"
		  "ance amateur",
		    "recovery word 1 is neither" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage label chaton \303\251mouvo"
		  "ir caneton biopsie coffre d\303\251placer s\303"
		  "\251ance amateure",
		    "recovery word 15 is neither" },
		{ "mensonge ench\303\250re pharaon \321\201\320"
		  "\273\320\276\320\262\320\276 d\303\251caler "
		  "ombrage label chaton \303\251mouvoir caneton"
		  " biopsie coffre d\303\251placer s\303\251anc"
		  "e amateur",
		    "recovery word 4 is neither" },
		{ "mensonge ench\303\250re pharaon abandonnerio"
		  "ns d\303\251caler ombrage label chaton \303\251"
		  "mouvoir caneton biopsie coffre d\303\251plac"
		  "er s\303\251ance amateur",
		    "recovery word 4 is neither" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage label chaton \303\251mouvo"
		  "ir caneton biopsie coffre d\303\251placer s\303"
		  "\251ance amateur xyzzy",
		    "recovery word 16 is neither" },
		{ "mensonge ench\303\250re pharaon digital d\303"
		  "\251caler ombrage label chaton \303\251mouvo"
		  "ir zebra biopsie coffre d\303\251placer s\303"
		  "\251ance amateur",
		    "recovery word 10 is in another language" },
		{ "oil zeste retreat edge dismiss process mean "
		  "company faint chuckle build crumble drip sud"
		  "den arch",
		    "recovery word 2 is in another language" },
		{ "mensonge", "1 recovery words" },
		{ "abaisser \377\376", "not UTF-8" },
		{ "abaisser \300\257", "not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret *candidates = NULL;
		struct carnet_error err = { 0 };

		assert_int_equal(
		    decode(rows[i].text, &candidates, &err), CARNET_INVALID);
		assert_null(candidates);
		if (strstr(err.message, rows[i].message) == NULL)
			fail_msg("row %zu: %s", i, err.message);
	}
}

static void
a_wrong_order_gets_a_hint(void **state)
{
	struct secret *candidates = NULL;
	struct carnet_error err = { 0 };

	(void)state;
	assert_int_equal(decode(swapped, &candidates, &err), CARNET_INVALID);
	assert_non_null(strstr(err.message, "checksum"));
	assert_non_null(strstr(err.hint, "order"));
}

static void
a_long_text_is_refused(void **state)
{
	static char text[WORDS_MAX_TEXT + 2];
	struct secret *candidates = NULL;

	(void)state;
	memset(text, ' ', WORDS_MAX_TEXT + 1);
	assert_int_equal(decode(text, &candidates, NULL), CARNET_INVALID);
	assert_null(candidates);
}

static void
other_languages_are_refused(void **state)
{
	uint8_t entropy[WORDS_ENTROPY] = { 0 };
	struct secret *words = NULL;

	(void)state;
	assert_int_equal(
	    words_encode(entropy, "de", &words, NULL), CARNET_INVALID);
	assert_int_equal(
	    words_encode(entropy, "", &words, NULL), CARNET_INVALID);
	assert_null(words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(any_way_of_typing),
		cmocka_unit_test(random_words_come_back),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_wrong_order_gets_a_hint),
		cmocka_unit_test(a_long_text_is_refused),
		cmocka_unit_test(other_languages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
