/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The file of a download that is not whole yet: DEST.part, locked by whoever writes it, hashed while
 * it grows. */
#pragma once

#include "base/crypto.h"
#include "base/http.h"

struct part {
	const char *dest, *sha256; /* borrowed; sha256 NULL: unchecked, then never resumed */
	char *path;
	int fd;
	long long have;            /* bytes in it, all of them in hash */
	struct crypto_hash *hash;
};

void part_done(struct part *p);

/* Takes the lock, while another process holds it waiting (telling that one's progress) unless
 * opts->give_way, and reads what lies there (of more than max bytes nothing is kept). 1: dest is right
 * already, by whomever; 0; -1: FAULT_LOCKED (give_way), FAULT_CANCELLED, FAULT_IO, FAULT_NO_SPACE. */
int part_open(struct part *p, const struct http_opts *opts, long long max, struct err *e);

/* Waits until nobody holds the lock; 0 at once with give_way. */
int part_wait(const char *dest, const struct http_opts *opts, struct err *e);

/* Those who wait learn how long the whole will be. */
void part_tell_total(struct part *p, long long total);

/* 0, or an errno value. */
int part_restart(struct part *p);
int part_add(struct part *p, const void *data, size_t len);

/* 1 when the part is the wanted file, 0 with what it is (*ret_found, new), -1 when it is not as long
 * as what was written: somebody else wrote into it. */
int part_fits(struct part *p, char **ret_found, struct err *e);

/* Flushes it to the disk and gives it its name and mode. */
int part_put_in_place(struct part *p, int mode, struct err *e);

/* The err of a failed write; -1. */
int part_error(const struct part *p, int number, struct err *e);
