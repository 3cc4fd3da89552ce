/* SPDX-License-Identifier: ISC */
/*
 * The checksum at a pack's end: whether its bytes are those that were
 * written, asked without a key.  It tells chance, not intent: whoever changes
 * a pack can make its checksum anew; the seals can't be.
 * docs/decisions/0016-chance-and-intent.md; docs/format.md, "Packs"; pack.h.
 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct pack_sum {
	struct hash_state *blake2b; /* of version 1 alone */
	XXH3_state_t *xxh3;
};

struct pack_sum *
pack_sum_begin(uint64_t version)
{
	struct pack_sum *sum = calloc(1, sizeof(*sum));

	if (sum == NULL)
		return NULL;
	if (version == 1) {
		sum->blake2b = hash_begin(NULL);
	} else {
		sum->xxh3 = XXH3_createState();
		if (sum->xxh3 != NULL)
			(void)XXH3_128bits_reset(sum->xxh3);
	}
	if (sum->blake2b == NULL && sum->xxh3 == NULL) {
		free(sum);
		return NULL;
	}
	return sum;
}

void
pack_sum_more(struct pack_sum *sum, const uint8_t *bytes, size_t len)
{
	if (sum->blake2b != NULL)
		hash_more(sum->blake2b, bytes, len);
	else
		(void)XXH3_128bits_update(sum->xxh3, bytes, len);
}

void
pack_sum_end(struct pack_sum *sum, uint8_t ret_sum[PACK_SUM_LEN])
{
	XXH128_canonical_t canonical;

	memset(ret_sum, 0, PACK_SUM_LEN);
	if (sum->blake2b != NULL) {
		hash_end(sum->blake2b, ret_sum);
		sum->blake2b = NULL;
	} else {
		XXH128_canonicalFromHash(
		    &canonical, XXH3_128bits_digest(sum->xxh3));
		memcpy(ret_sum, canonical.digest, sizeof(canonical.digest));
	}
	pack_sum_abandon(sum);
}

void
pack_sum_abandon(struct pack_sum *sum)
{
	if (sum == NULL)
		return;
	hash_abandon(sum->blake2b);
	(void)XXH3_freeState(sum->xxh3);
	free(sum);
}
