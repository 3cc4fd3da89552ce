/* SPDX-License-Identifier: ISC */
/*
 * An incremental update (ISO 32000-1, 7.5.6): the catalogue written again
 * with more keys, one new object for XMP, a table of the two, a trailer.
 * Reads no more of a PDF than it takes to find its catalogue.
 * The contract is in pdf_post.h.
 */
#include "pdf_post.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What has to be known of the file that is added to. */
struct pdf_tail {
	size_t table;       /* where its table of objects is */
	unsigned long size; /* objects, the next free number */
	unsigned long root;
	unsigned long info;    /* 0: none */
	const char *catalogue; /* between << and >> */
	size_t catalogue_len;
};

/* The last `word` in the last `reach` bytes. */
static const char *
pdf_last(const char *pdf, size_t len, size_t reach, const char *word)
{
	size_t word_len = strlen(word);
	size_t low = len > reach ? len - reach : 0;

	if (len < word_len)
		return NULL;
	for (size_t at = len - word_len + 1; at-- > low;) {
		if (memcmp(pdf + at, word, word_len) == 0)
			return pdf + at;
	}
	return NULL;
}

/* A number after blanks; moves *at behind it. */
static bool
pdf_number(const char **at, const char *end, unsigned long *ret_number)
{
	const char *p = *at;
	unsigned long number = 0;
	int digits = 0;

	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r'))
		p++;
	for (; p < end && *p >= '0' && *p <= '9'; p++, digits++) {
		if (digits == 10)
			return false;
		number = number * 10 + (unsigned long)(*p - '0');
	}
	if (digits == 0)
		return false;
	*at = p;
	*ret_number = number;
	return true;
}

static bool
pdf_key(const char *from, const char *end, const char *key,
    unsigned long *ret_number)
{
	const char *at = memmem(from, (size_t)(end - from), key, strlen(key));

	if (at == NULL)
		return false;
	at += strlen(key);
	return pdf_number(&at, end, ret_number);
}

/* Where object `number` is, by the table of one section from 0 on. */
static bool
pdf_object(const char *pdf, size_t len, size_t table, unsigned long number,
    unsigned long *ret_offset)
{
	const char *end = pdf + len, *at = pdf + table;
	unsigned long first, count;

	if (table > len || len - table < 4 || memcmp(at, "xref", 4) != 0)
		return false;
	at += 4;
	if (!pdf_number(&at, end, &first) || !pdf_number(&at, end, &count) ||
	    first != 0 || number >= count)
		return false;
	while (at < end && (*at == ' ' || *at == '\r' || *at == '\n'))
		at++;
	/* entries of 20 bytes: offset, generation, use */
	if ((size_t)(end - at) / 20 < count)
		return false;
	at += 20 * number;
	return pdf_number(&at, end, ret_offset) && *ret_offset < len;
}

/* The catalogue's own dictionary; strings with brackets in it are not
 * expected of cairo, and end as damage rather than as a wrong file. */
static bool
pdf_catalogue(
    const char *pdf, size_t len, unsigned long offset, struct pdf_tail *tail)
{
	const char *end = pdf + len, *at = pdf + offset, *open;
	unsigned long number, generation;
	int depth = 0;

	if (!pdf_number(&at, end, &number) ||
	    !pdf_number(&at, end, &generation) || number != tail->root ||
	    generation != 0)
		return false;
	open = memmem(at, (size_t)(end - at), "<<", 2);
	if (open == NULL || open - at > 16)
		return false;
	for (at = open; at + 1 < end; at++) {
		if (*at == '(')
			return false;
		if (at[0] == '<' && at[1] == '<') {
			depth++;
			at++;
		} else if (at[0] == '>' && at[1] == '>') {
			if (--depth == 0) {
				tail->catalogue = open + 2;
				tail->catalogue_len = (size_t)(at - open) - 2;
				return memmem(open, (size_t)(at - open),
					   "/Catalog", 8) != NULL;
			}
			at++;
		}
	}
	return false;
}

static bool
pdf_read_tail(const char *pdf, size_t len, struct pdf_tail *tail)
{
	const char *end = pdf + len, *start, *trailer;
	unsigned long table, offset;

	start = pdf_last(pdf, len, 1024, "startxref");
	trailer = pdf_last(pdf, len, 2048, "trailer");
	if (start == NULL || trailer == NULL || trailer > start)
		return false;
	start += strlen("startxref");
	if (!pdf_number(&start, end, &table) ||
	    !pdf_key(trailer, start, "/Size ", &tail->size) ||
	    !pdf_key(trailer, start, "/Root ", &tail->root))
		return false;
	tail->table = table;
	tail->info = 0;
	(void)pdf_key(trailer, start, "/Info ", &tail->info);
	return pdf_object(pdf, len, table, tail->root, &offset) &&
	       pdf_catalogue(pdf, len, offset, tail);
}

static void
pdf_xml(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void
pdf_xmp(FILE *out, const struct pdf_facts *facts)
{
	fputs("<?xpacket begin=\"\xef\xbb\xbf\" "
	      "id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
	      "<rdf:RDF xmlns:rdf="
	      "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
	      "<rdf:Description rdf:about=\"\"\n"
	      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
	      " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n"
	      "<dc:format>application/pdf</dc:format>\n"
	      "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">",
	    out);
	pdf_xml(out, facts->title);
	fputs("</rdf:li></rdf:Alt></dc:title>\n"
	      "<dc:language><rdf:Bag><rdf:li>",
	    out);
	pdf_xml(out, facts->lang);
	fputs("</rdf:li></rdf:Bag></dc:language>\n", out);
	fputs("<xmp:CreatorTool>carnet " CARNET_VERSION "</xmp:CreatorTool>\n",
	    out);
	if (facts->creation[0] != '\0')
		fprintf(out, "<xmp:CreateDate>%s</xmp:CreateDate>\n",
		    facts->creation);
	fputs("</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
	      "<?xpacket end=\"r\"?>",
	    out);
}

static bool
pdf_has(const struct pdf_tail *tail, const char *key)
{
	return memmem(tail->catalogue, tail->catalogue_len, key, strlen(key)) !=
	       NULL;
}

/* xmp, xmp_len: the new object's stream. */
static void
pdf_append(FILE *out, const char *pdf, size_t len, const struct pdf_tail *tail,
    const struct pdf_facts *facts, const char *xmp, size_t xmp_len)
{
	long catalogue, metadata, table;

	(void)fwrite(pdf, 1, len, out);
	if (len > 0 && pdf[len - 1] != '\n')
		fputc('\n', out);
	catalogue = ftell(out);
	fprintf(out, "%lu 0 obj\n<<", tail->root);
	(void)fwrite(tail->catalogue, 1, tail->catalogue_len, out);
	if (!pdf_has(tail, "/Lang"))
		fprintf(out, "\n   /Lang (%s)", facts->lang);
	if (!pdf_has(tail, "/ViewerPreferences"))
		fputs(
		    "\n   /ViewerPreferences << /DisplayDocTitle true >>", out);
	if (!pdf_has(tail, "/Metadata"))
		fprintf(out, "\n   /Metadata %lu 0 R", tail->size);
	fputs("\n>>\nendobj\n", out);
	metadata = ftell(out);
	fprintf(out,
	    "%lu 0 obj\n<< /Type /Metadata /Subtype /XML /Length %zu >>\n"
	    "stream\n",
	    tail->size, xmp_len);
	(void)fwrite(xmp, 1, xmp_len, out);
	fputs("\nendstream\nendobj\n", out);
	table = ftell(out);
	fprintf(out, "xref\n%lu 1\n%010ld 00000 n \n%lu 1\n%010ld 00000 n \n",
	    tail->root, catalogue, tail->size, metadata);
	fprintf(out, "trailer\n<< /Size %lu\n   /Root %lu 0 R\n",
	    tail->size + 1, tail->root);
	if (tail->info != 0)
		fprintf(out, "   /Info %lu 0 R\n", tail->info);
	fprintf(out, "   /Prev %zu\n>>\nstartxref\n%ld\n%%%%EOF\n", tail->table,
	    table);
}

enum carnet_status
pdf_post(const uint8_t *pdf, size_t len, const struct pdf_facts *facts,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	struct pdf_tail tail = { 0 };
	char *xmp = NULL, *bytes = NULL;
	size_t xmp_len = 0, bytes_len = 0;
	FILE *out = NULL;
	bool broken;
	enum carnet_status status = CARNET_OK;

	if (!pdf_read_tail((const char *)pdf, len, &tail))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("PDF: its table of objects cannot be read"));
	out = open_memstream(&xmp, &xmp_len);
	if (out == NULL)
		goto full;
	pdf_xmp(out, facts);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken)
		goto full;
	out = open_memstream(&bytes, &bytes_len);
	if (out == NULL)
		goto full;
	pdf_append(out, (const char *)pdf, len, &tail, facts, xmp, xmp_len);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken)
		goto full;
	*ret_bytes = (uint8_t *)bytes;
	*ret_len = bytes_len;
	bytes = NULL;
	goto done;
full:
	status = carnet_fail_errno(err, ENOMEM, CARNET_("PDF"));
done:
	free(xmp);
	free(bytes);
	return status;
}
