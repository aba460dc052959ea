/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* From words to a box: reading of arguments, files and descriptors, before the screen is touched. */
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/run.h"

static int usage(void)
{
	fputs(options_usage(), stderr);
	return EXIT_USAGE;
}

/* A whole file; bytes of zero become '?'. New, NULL with errno. */
static char *read_file(const char *name)
{
	_cleanup_close_ int fd = open(name, O_RDONLY | O_CLOEXEC);
	size_t size = 0, n = 0;
	_cleanup_free_ char *buf = NULL;
	while (fd >= 0) {
		if (n + 1 >= size) {
			size = size ? size * 2 : 65536;
			buf = xreallocarray(buf, size, 1);
		}
		ssize_t got = read(fd, buf + n, size - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (fd < 0)
		return NULL;
	for (char *p = buf; (p = memchr(p, '\0', n - (size_t)(p - buf))); p++)
		*p = '?';
	buf[n] = '\0';
	return steal(buf);
}

static bool is_on(const char *s)
{
	return !strcmp(s, "1") || !strcasecmp(s, "on") || !strcasecmp(s, "yes");
}

/* tag item [status]...: --noitem leaves the item out of check lists; a menu keeps its pairs. */
static bool read_items(struct request *r)
{
	struct options *o = r->o;
	bool menu = o->mode == MODE_MENU;
	const char *tag;
	while ((tag = options_next(o))) {
		const char *text = menu || !o->no_item ? options_next(o) : "";
		const char *state = menu ? "" : options_next(o);
		if (!text || !state)
			return false;
		if (o->default_item && menu && !strcmp(o->default_item, tag))
			r->cur = r->n;
		r->items = xreallocarray(r->items, r->n + 1, sizeof(*r->items));
		r->items[r->n++] = (struct dialog_item){tag, o->no_item ? "" : text, is_on(state)};
	}
	return r->n > 0;
}

static bool read_fields(struct request *r)
{
	const char *label;
	while ((label = options_next(r->o))) {
		const char *init = options_next(r->o);
		if (!init)
			return false;
		r->fields = xreallocarray(r->fields, r->n + 1, sizeof(*r->fields));
		r->fields[r->n++] = (struct dialog_field){.label = label, .value = xstrdup(init)};
	}
	return r->n > 0;
}

static bool read_steps(struct request *r)
{
	const char *step;
	while ((step = options_next(r->o))) {
		r->steps = xreallocarray(r->steps, r->n + 1, sizeof(*r->steps));
		r->steps[r->n++] = step;
	}
	return r->n > 0;
}

/* The percentage, and stdin put aside: it is read for lines, the keys come from the terminal. */
static int read_gauge(struct request *r)
{
	if (r->o->mode == MODE_GAUGE) {
		int percent;
		if (!options_number(r->o, &percent))
			return usage();
		r->percent = percent < 0 ? 100 : (unsigned long)percent;
	}
	if (isatty(STDIN_FILENO)) {
		fputs("ess-dialog: the progress is read from standard input, and that is the terminal\n", stderr);
		return EXIT_USAGE;
	}
	r->feed = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (r->feed < 0) {
		perror("dup/close stdin");
		return EXIT_USAGE;
	}
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0 || dup2(tty, STDIN_FILENO) < 0) {
		perror("open /dev/tty");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* A label of newt's own, in the language of the environment. */
static const char *label(const char *given, const char *msgid)
{
	return given ? given : dgettext("newt", msgid);
}

static void set_look(struct request *r)
{
	const struct options *o = r->o;
	struct dialog *d = &r->look;
	d->title = o->title;
	d->backtitle = o->backtitle;
	d->ok = label(o->ok, "Ok");
	d->cancel = label(o->cancel, "Cancel");
	d->yes = label(o->yes, "Yes");
	d->no = label(o->no, "No");
	d->extra = o->extra;
	d->help = o->help_button;
	d->no_cancel = o->no_cancel;
	d->default_no = o->default_no;
	d->full_buttons = o->full_buttons;
	d->top_left = o->top_left;
	d->no_tags = o->no_tags;
	d->scroll = o->scroll;
	/* whiptail takes no count of its lines: Enter is Ok */
	d->spare_text = o->mode == MODE_TEXTBOX || o->mode == MODE_PASSWORDBOX;
	d->timeout_ms = (int)o->timeout * 1000;
}

static int read_text(struct request *r, const char *word)
{
	if (r->o->mode == MODE_TAILBOX)
		r->file = word;
	if (r->o->mode != MODE_TEXTBOX) {
		r->text = cols_newlines(word);
		return EXIT_OK;
	}
	_cleanup_free_ char *file = read_file(word);
	if (!file) {
		perror(word);
		return EXIT_USAGE;
	}
	r->text = cols_newlines(file);
	return EXIT_OK;
}

int request_read(struct request *r, struct options *o)
{
	memset(r, 0, sizeof(*r));
	r->o = o;
	r->feed = -1;
	set_look(r);
	const char *word = options_next(o);
	if (o->mode == MODE_NONE || !word)
		return usage();
	int rc = read_text(r, word);
	if (rc)
		return rc;
	if (!options_number(o, &r->look.height) || !options_number(o, &r->look.width))
		return usage();
	bool list = o->mode == MODE_MENU || o->mode == MODE_CHECKLIST || o->mode == MODE_RADIOLIST;
	if ((list || o->mode == MODE_FORM || o->mode == MODE_STEPS) && !options_number(o, &r->look.list_height))
		return usage();
	if ((list && !read_items(r)) || (o->mode == MODE_FORM && !read_fields(r)) ||
	    (o->mode == MODE_STEPS && !read_steps(r)))
		return usage();
	if (o->mode == MODE_INPUTBOX || o->mode == MODE_PASSWORDBOX)
		r->init = options_next(o);
	return o->mode == MODE_GAUGE || o->mode == MODE_STEPS ? read_gauge(r) : EXIT_OK;
}

void request_free(struct request *r)
{
	for (size_t i = 0; r->fields && i < r->n; i++)
		free_secret(r->fields[i].value);
	free(r->fields);
	free(r->items);
	free(r->steps);
	free(r->text);
	if (r->feed >= 0)
		close(r->feed);
}
