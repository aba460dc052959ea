/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The notice: what the program does, for whom it is, and what it installs. Shown once. */
#pragma once

/* The text; NULL when it was shown before on this machine. New. */
char *notice_text(void);

/* Notes that it was shown. */
void notice_done(void);

/* Prints it, unless it was shown before on this machine; notes that it was. */
void notice_show(void);
