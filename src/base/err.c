/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Faults: recording one, its sentence, its card. */
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* clang-format off */
#define CAUSES(...) .causes = { __VA_ARGS__ }
#define REMEDIES(...) \
	.remedies = { __VA_ARGS__ }, \
	.nremedies = sizeof((struct remedy[]){ __VA_ARGS__ }) / sizeof(struct remedy)
#define R_RETRY { REMEDY_RETRY, NULL }
#define R_LOG { REMEDY_LOG, NULL }
#define R_BUNDLE { REMEDY_BUNDLE, NULL }
#define R_EDIT(key) { REMEDY_EDIT, key }
#define R_COMMAND(args) { REMEDY_COMMAND, args }

static const struct fault_card cards[FAULT_MAX] = {
#define FAULT(fault, code, sentence, whys, fixes) \
	[FAULT_##fault] = { .name = #fault, .id = code, .title = sentence, whys, fixes },
#include "base/fault-table.h"
#undef FAULT
};
/* clang-format on */

const struct fault_card *fault_card(enum fault fault)
{
	return fault > FAULT_NONE && fault < FAULT_MAX ? &cards[fault] : NULL;
}

const struct fault_card *fault_card_by_id(const char *id)
{
	for (size_t i = FAULT_NONE + 1; i < FAULT_MAX; i++)
		if (strcasecmp(cards[i].id, id) == 0)
			return &cards[i];
	return NULL;
}

/* One conversion of a msgid: "%s", "%2$s", "%lld", ... */
struct conversion {
	size_t len;	/* of its text, 0: no conversion that we know */
	unsigned index; /* from 1; 0: the next in order */
	char type;	/* 's', 'd', 'u' or '%' */
	enum { INT, LONG, LONG_LONG, SIZE } width;
};

static struct conversion conversion_at(const char *p)
{
	struct conversion c = {.width = INT};
	const char *start = p++;
	if (p[0] >= '1' && p[0] <= '9' && p[1] == '$') {
		c.index = (unsigned)(p[0] - '0');
		p += 2;
	}
	if (text_starts(p, "ll")) {
		c.width = LONG_LONG;
		p += 2;
	} else if (*p == 'l' || *p == 'z') {
		c.width = *p++ == 'l' ? LONG : SIZE;
	}
	bool plain = c.width == INT;
	if (*p == 'd' || *p == 'u' || (plain && *p == 's') || (plain && !c.index && *p == '%')) {
		c.type = *p;
		c.len = (size_t)(p + 1 - start);
	}
	return c;
}

static void format_one(char out[ERR_ARG_LEN], struct conversion c, va_list *ap)
{
	if (c.type == 's') {
		const char *s = va_arg(*ap, const char *);
		s = s ? s : "";
		size_t n = text_cut(s, ERR_ARG_LEN - 1);
		memcpy(out, s, n);
		out[n] = '\0';
		return;
	}
	bool is_signed = c.type == 'd';
	switch (c.width) {
	case INT:
		snprintf(out, ERR_ARG_LEN, is_signed ? "%d" : "%u", va_arg(*ap, int));
		break;
	case LONG:
		snprintf(out, ERR_ARG_LEN, is_signed ? "%ld" : "%lu", va_arg(*ap, long));
		break;
	case LONG_LONG:
		snprintf(out, ERR_ARG_LEN, is_signed ? "%lld" : "%llu", va_arg(*ap, long long));
		break;
	case SIZE:
		snprintf(out, ERR_ARG_LEN, is_signed ? "%zd" : "%zu", va_arg(*ap, size_t));
		break;
	}
}

int err_vset(struct err *e, enum fault fault, const char *msgid, va_list ap)
{
	int saved = errno;
	if (!e || e->fault != FAULT_NONE)
		return -1;
	e->fault = fault;
	e->msgid = msgid;
	e->nargs = 0;
	va_list args;
	va_copy(args, ap);
	for (const char *p = strchr(msgid, '%'); p; p = strchr(p, '%')) {
		struct conversion c = conversion_at(p);
		assert(c.len > 0 && c.index == 0 && "a conversion that err_set does not know");
		p += c.len;
		if (c.type == '%')
			continue;
		assert(e->nargs < ERR_ARGS);
		format_one(e->args[e->nargs++], c, &args);
	}
	va_end(args);
	errno = saved;
	return -1;
}

int err_set(struct err *e, enum fault fault, const char *msgid, ...)
{
	va_list ap;
	va_start(ap, msgid);
	err_vset(e, fault, msgid, ap);
	va_end(ap);
	return -1;
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err)ERR_INIT;
}

char *err_expand(const char *msgid, const char *const *args, unsigned nargs)
{
	char *out = NULL;
	size_t len = 0;
	unsigned next = 0;
	FILE *f = open_memstream(&out, &len);
	if (!f)
		abort();
	for (const char *p = msgid; *p;) {
		struct conversion c = {.len = 0};
		if (*p == '%')
			c = conversion_at(p);
		if (c.len == 0) {
			fputc(*p++, f);
			continue;
		}
		unsigned i = c.index ? c.index - 1 : next;
		if (c.type == '%')
			fputc('%', f);
		else if (i < nargs && args[i])
			fputs(args[i], f);
		else
			fwrite(p, 1, c.len, f);
		if (c.type != '%' && !c.index)
			next++;
		p += c.len;
	}
	if (fclose(f) != 0)
		abort();
	return out;
}

char *err_text(const struct err *e)
{
	if (!err_is_set(e))
		return xstrdup("");
	const char *args[ERR_ARGS];
	for (unsigned i = 0; i < ERR_ARGS; i++)
		args[i] = e->args[i];
	return err_expand(e->msgid, args, e->nargs);
}
