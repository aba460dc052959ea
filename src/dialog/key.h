/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Keys: bytes of the terminal to names, patient with slow lines. */
#pragma once

#include <stdbool.h>

/* ASCII keys are themselves; NEWT_KEY_UP and so on for the others. */
#define CTRL(c) ((c)&0x1f)
#define KEY_TEXT 0x10000  /* one character of text that is not ASCII */
#define KEY_BAD 0x10001   /* bytes that are no character */
#define KEY_NONE 0x10002  /* a sequence that no key of ours sends */

struct key {
	int code;
	char text[8]; /* of a printable character, else "" */
};

enum key_event { KEY_PRESSED, KEY_FD, KEY_TIMEOUT, KEY_CHANGED, KEY_GONE };

/* Waits for a key, for fd (-1: none) to become readable, for a change of the screen's size, or for
 * ms to pass (-1: for ever). KEY_GONE: the terminal is no more. */
enum key_event key_wait(struct key *key, int fd, int ms);
