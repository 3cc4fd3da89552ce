/* SPDX-License-Identifier: ISC */
/*
 * What was sealed since the last flush: the table of its chunks and the
 * packs it goes into.  Knows no content and no index.
 * FORMAT.md, "Files", says in which order things reach the disk.
 */
#ifndef BATCH_H
#define BATCH_H
#include "squeeze.h"
#include "store.h"

struct batch;
/* Both outlive the batch.  NULL: no memory. */
struct batch *batch_new(int vault_fd, const struct keys *keys);
void batch_free(struct batch *batch); /* deletes what isn't flushed */

bool batch_is_empty(const struct batch *batch);
/* Whether the chunk is among the unflushed. */
bool batch_find(const struct batch *batch, const struct chunk_name *name,
    struct chunk_place *ret_place);

/*
 * A squeezed box, which isn't known yet, goes into the open pack.  The
 * batch takes *box over, and gives it back through batch_spare_box.
 * *ret_sealed: its length in the pack.  After a failure the whole batch is
 * lost, and its files are deleted; it says so until batch_flush has.
 */
enum carnet_status batch_add(struct batch *batch, struct box **box,
    uint32_t *ret_sealed, struct carnet_error *err);
/* An empty box. */
enum carnet_status batch_spare_box(
    struct batch *batch, struct box **ret_box, struct carnet_error *err);
void batch_return_box(struct batch *batch, struct box *box); /* NULL is fine */

/* Everything added can be read from now on, under batch_open's name. */
enum carnet_status batch_settle(struct batch *batch, struct carnet_error *err);
/* An unflushed pack's file; -1 (errno) if there is none. */
int batch_open_pack(const struct batch *batch, const uint8_t id[PACK_ID_LEN]);

/* Deletes what isn't flushed; the batch is empty again, failure and all. */
void batch_forget(struct batch *batch);
/* As store_flush. */
enum carnet_status batch_flush(struct batch *batch, struct chunk_row **ret_rows,
    size_t *ret_len, struct carnet_error *err);
#endif
