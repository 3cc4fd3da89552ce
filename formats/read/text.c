/* SPDX-License-Identifier: ISC */
/*
 * Plain text in whatever encoding it came, and what pdftotext prints.
 * Guesses no structure.  Encodings: decode.h; what is left out: text_out.h.
 */
#include "decode.h"
#include "reader_table.h"

enum carnet_status
text_read(const struct reader_input *input, struct reader_answer *answer,
    struct carnet_error *err)
{
	struct decoder decoder;
	uint32_t code;

	(void)err;
	decoder_init(&decoder, input->bytes, input->len);
	while (!answer->text.cut && decoder_next(&decoder, &code))
		text_out_put(&answer->text, code);
	return CARNET_OK;
}
