/* SPDX-License-Identifier: ISC */
/*
 * A letter as a draft for a mail program: text, and the PDF attached.  Gives
 * no date: nothing is sent.  The contract is in formats.h.
 */
#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

static const char *
message_string(const cJSON *object, const char *key)
{
	const char *text = carnet_json_string(object, key);

	return text == NULL ? "" : text;
}

/* The boundary holds "=_", which no encoded part can hold. */
static void
message_head(FILE *out, const cJSON *message)
{
	const cJSON *from = carnet_json_get(message, "from");
	const cJSON *to = carnet_json_get(message, "to");

	if (message_address_ok(message_string(from, "email")))
		message_address_field(out, "From", message_string(from, "name"),
		    message_string(from, "email"));
	if (message_address_ok(message_string(to, "email")))
		message_address_field(out, "To", message_string(to, "name"),
		    message_string(to, "email"));
	message_text_field(out, "Subject", message_string(message, "subject"));
	fputs("X-Unsent: 1\r\n"
	      "MIME-Version: 1.0\r\n"
	      "Content-Type: multipart/mixed;\r\n"
	      " boundary=\"=_carnet_part\"\r\n"
	      "\r\n",
	    out);
}

static void
message_attachment(
    FILE *out, const char *name, const uint8_t *bytes, size_t len)
{
	/* the line end before a boundary is the boundary's */
	fputs("\r\n--=_carnet_part\r\n"
	      "Content-Type: application/pdf",
	    out);
	message_parameter(out, "name", name);
	fputs("\r\n"
	      "Content-Disposition: attachment",
	    out);
	message_parameter(out, "filename", name);
	fputs("\r\n"
	      "Content-Transfer-Encoding: base64\r\n"
	      "\r\n",
	    out);
	message_base64(out, bytes, len);
}

enum carnet_status
write_message(const cJSON *message, const uint8_t *pdf, size_t pdf_len,
    char **ret_text, size_t *ret_len, struct carnet_error *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool broken;

	if (out == NULL)
		return carnet_fail_errno(err, errno, CARNET_("a message"));
	message_head(out, message);
	fputs("--=_carnet_part\r\n"
	      "Content-Type: text/plain; charset=UTF-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n"
	      "\r\n",
	    out);
	message_quoted_printable(out, message_string(message, "text"));
	if (pdf != NULL)
		message_attachment(
		    out, message_string(message, "file"), pdf, pdf_len);
	fputs("\r\n--=_carnet_part--\r\n", out);
	broken = ferror(out) != 0;
	if (fclose(out) != 0 || broken) {
		free(text);
		return carnet_fail_errno(err, ENOMEM, CARNET_("a message"));
	}
	*ret_text = text;
	*ret_len = len;
	return CARNET_OK;
}
