/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 30, packages: what K3s needs and a minimal Debian lacks. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/json.h"
#include "base/text.h"
#include "steps/bundle.h"
#include "steps/steps.h"
#include "steps/tool.h"

#define APT_TIMEOUT_S 1800

static const char *const inputs[] = { "config:cluster.kind", NULL };

enum need { ALWAYS, K3S, K3S_APPARMOR };

static const struct {
	const char *name;
	enum need need;
} packages[] = {
	{ "ca-certificates", ALWAYS }, /* only "standard": a minimal system trusts nobody */
	{ "kmod", K3S },	       /* the unit's modprobe of br_netfilter and overlay */
	{ "apparmor",
	  K3S_APPARMOR }, /* with it on in the kernel, containers need apparmor_parser */
};

static bool is_needed(struct step_ctx *c, enum need need)
{
	if (need == ALWAYS)
		return true;
	if (!strcmp(step_str(c, "cluster.kind"), "existing"))
		return false;
	if (need == K3S)
		return true;
	_cleanup_free_ char *enabled = tool_read(c, "/sys/module/apparmor/parameters/enabled");
	return enabled && *enabled == 'Y';
}

/* dpkg's word for a package ("installed", "half-configured"); "not-installed" when it knows none.
 * New; NULL with e set when the run must end. */
static char *status_of(struct step_ctx *c, const char *package, struct err *e)
{
	struct proc_result r _cleanup_proc_ = { 0 };
	int asked = tool_ask(
		c, (const char *[]){ "dpkg-query", "-W", "-f=${db:Status-Status}", package, NULL },
		&r, e);
	if (asked < 0)
		return NULL;
	return asked ? text_trim(r.out) : xstrdup("not-installed");
}

struct missing {
	char **names;
	bool broken; /* dpkg was interrupted with one of them */
};

static int look(struct step_ctx *c, struct missing *m, struct err *e)
{
	*m = (struct missing){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		if (!is_needed(c, packages[i].need))
			continue;
		_cleanup_free_ char *status = status_of(c, packages[i].name, e);
		if (!status)
			return -1;
		if (!strcmp(status, "installed"))
			continue;
		strv_add(&m->names, xstrdup(packages[i].name));
		if (text_starts(status, "half-") || !strcmp(status, "unpacked") ||
		    text_starts(status, "triggers-"))
			m->broken = true;
	}
	return 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct missing m;
	if (look(c, &m, e) < 0) {
		strv_free(m.names);
		return -1;
	}
	*ret = m.broken ? STEP_DIFFERENT : m.names ? STEP_ABSENT : STEP_PRESENT;
	strv_free(m.names);
	return 0;
}

/* apt's words decide what can be done about it. */
static enum fault apt_fault(const char *said)
{
	static const struct {
		const char *words;
		enum fault fault;
	} known[] = {
		{ "Could not get lock", FAULT_APT_LOCK },
		{ "Unable to lock", FAULT_APT_LOCK },
		{ "frontend lock", FAULT_APT_LOCK },
		{ "Unable to locate package", FAULT_APT_PACKAGE },
		{ "no installation candidate", FAULT_APT_PACKAGE },
		{ "Failed to fetch", FAULT_APT_FETCH },
		{ "Unable to fetch", FAULT_APT_FETCH },
		{ "not valid yet", FAULT_PRE_CLOCK },
		{ "No space left", FAULT_NO_SPACE },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strstr(said, known[i].words))
			return known[i].fault;
	return FAULT_APT_FAILED;
}

/* The first of its errors names file, holder or server, the last one only says that it failed. New. */
static char *apt_said(const struct proc_result *r)
{
	_cleanup_strv_ char **lines = text_split(r->err_tail ? r->err_tail : "", '\n');
	for (size_t i = 0; lines && lines[i]; i++)
		if (text_starts(lines[i], "E: "))
			return xstrdup(lines[i]);
	return xstrdup(r->last_err);
}

static int apt(struct step_ctx *c, const char *const *argv, struct err *e)
{
	struct proc_result r _cleanup_proc_ = { 0 };
	if (step_run(c, argv, NULL, APT_TIMEOUT_S, &r, e) < 0)
		return -1;
	if (r.status == 0)
		return 0;
	_cleanup_free_ char *said = apt_said(&r);
	return err_set(e, apt_fault(r.err_tail ? r.err_tail : said), N_("%s ended with status %d: %s"),
		       argv[0], r.status, said);
}

static int install(struct step_ctx *c, char *const *names, struct err *e)
{
	static const char *const head[] = { "apt-get",
					    "-y",
					    "-o",
					    "DPkg::Lock::Timeout=300",
					    "-o",
					    "Dpkg::Options::=--force-confold",
					    "--no-install-recommends",
					    "install" };
	const size_t n = strv_len(names);
	_cleanup_free_ const char **argv = xcalloc(ARRAY_LEN(head) + n + 1, sizeof(*argv));
	memcpy(argv, head, sizeof(head));
	memcpy(argv + ARRAY_LEN(head), names, n * sizeof(*names));
	return apt(c, argv, e);
}

/* A bundle has no Debian packages: on a machine without a line their names are what helps. */
static int cut_off(struct step_ctx *c, const struct missing *m, const struct err *seen, struct err *e)
{
	_cleanup_json_ json_t *bundle = NULL;
	_cleanup_free_ char *names = text_join((const char *const *)m->names, " ");
	_cleanup_free_ char *why = err_text(seen);
	const bool no_source = seen->fault == FAULT_APT_FETCH || seen->fault == FAULT_APT_PACKAGE;
	if (no_source && bundle_load(c, &bundle, NULL) == 0 && bundle)
		return err_set(e, FAULT_APT_CUT_OFF, N_("these are needed: %s (%s)"), names, why);
	if (e && !err_is_set(e))
		*e = *seen;
	return -1;
}

static int apply_missing(struct step_ctx *c, const struct missing *m, struct err *e)
{
	struct err seen = ERR_INIT;
	if (m->broken && apt(c, (const char *[]){ "dpkg", "--configure", "-a", NULL }, e) < 0)
		return -1;
	step_progress(c, -1, N_("updating Debian's package lists"));
	/* Old lists may do; the installation itself will tell. */
	if (apt(c,
		(const char *[]){ "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "update",
				  NULL },
		&seen) < 0) {
		enum step_found unused;
		if (tool_lost(c, &seen, STEP_ABSENT, &unused, e) < 0)
			return -1;
	}
	step_progress(c, -1, N_("installing %zu packages"), strv_len(m->names));
	err_clear(&seen);
	if (install(c, m->names, &seen) == 0)
		return 0;
	return cut_off(c, m, &seen, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct missing m;
	int r = look(c, &m, e);
	if (r == 0 && m.names)
		r = apply_missing(c, &m, e);
	strv_free(m.names);
	return r;
}

const struct step step_packages = {
	.id = "packages",
	.number = 30,
	.title = N_("Install Debian packages"),
	.version = 1,
	.estimate_s = 30,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
