/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/notice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
#include "ui/show.h"

static char *mark_path(void)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	return xasprintf("%s/notice", dir);
}

char *notice_text(void)
{
	_cleanup_free_ char *mark = mark_path();

	if (fs_exists(mark))
		return NULL;
	return xasprintf("%s\n%s\n%s\n",
		_("ess-setup puts a Matrix server with video calls on this machine: K3s, Helm, cert-manager and Element Server Suite Community. It changes network, services and files of this machine."),
		_("ess-setup is for personal, study, research and other non-commercial use only (PolyForm Noncommercial 1.0.0). What it installs keeps its own licence: Element Server Suite AGPL-3.0, K3s, Helm and cert-manager Apache-2.0."),
		_("Back up important data before you go on."));
}

void notice_done(void)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *mark = mark_path();
	_cleanup_free_ char *text = xasprintf("shown %lld\n", (long long)time(NULL));

	/* Not being able to note it only means that it is shown again. */
	if (fs_mkdir_p(dir, 0700, NULL) == 0)
		(void)fs_write_atomic(mark, text, strlen(text), 0644, NULL);
}

void notice_show(void)
{
	_cleanup_free_ char *text = notice_text();

	if (!text)
		return;
	show_wrapped(stdout, text);
	notice_done();
}
