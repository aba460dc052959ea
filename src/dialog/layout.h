/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where everything stands: whiptail's formulas, kept inside the screen. */
#pragma once

#include "dialog/box.h"

/* Sizes the window for the screen as it is now and places every widget. */
void layout_place(struct box *b);
