/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/notice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
#include "ui/ui.h"

void notice_show(void)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *mark = xasprintf("%s/notice", dir);

	if (fs_exists(mark))
		return;
	puts(_("ess-setup puts a Matrix server with video calls on this machine: K3s, Helm, cert-manager and\n"
	       "Element Server Suite Community. It changes network, services and files of this machine."));
	puts(_("ess-setup is for personal, study, research and other non-commercial use only (PolyForm\n"
	       "Noncommercial 1.0.0). What it installs keeps its own licence: Element Server Suite AGPL-3.0,\n"
	       "K3s, Helm and cert-manager Apache-2.0."));
	puts(_("Back up important data before you go on."));
	puts("");
	/* Not being able to note it only means that it is shown again. */
	_cleanup_free_ char *text = xasprintf("shown %lld\n", (long long)time(NULL));
	if (fs_mkdir_p(dir, 0700, NULL) == 0)
		(void)fs_write_atomic(mark, text, strlen(text), 0644, NULL);
}
