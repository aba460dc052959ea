/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Unified differences of two short texts, for people to read. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CONTEXT 3
#define MAX_LINES 200
#define MAX_TABLE (8u << 20) /* cells; beyond it the changed middle counts as replaced whole */

struct lines {
	const char **at; /* n + 1 starts; a line ends where the next one starts */
	size_t n;
};

/* One line of the edit script: '-' from a, '+' from b, ' ' in both. */
struct edit {
	char op;
	size_t a, b;
};

static struct lines lines_of(const char *s)
{
	struct lines l = {.n = 0};
	size_t count = 1;
	for (const char *p = s; *p; p++)
		count += *p == '\n';
	l.at = xcalloc(count + 1, sizeof(*l.at));
	while (*s) {
		l.at[l.n++] = s;
		s = strchrnul(s, '\n');
		s += *s == '\n';
	}
	l.at[l.n] = s;
	return l;
}

static void lines_done(struct lines *l)
{
	free(l->at);
}

static size_t line_len(const struct lines *l, size_t i)
{
	return (size_t)(l->at[i + 1] - l->at[i]);
}

static bool same_line(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return line_len(a, i) == line_len(b, j) && memcmp(a->at[i], b->at[j], line_len(a, i)) == 0;
}

/* Longest common subsequence of a[from..a_to) and b[from..b_to), as a table of suffix lengths. */
static uint32_t *lcs_table(const struct lines *a, const struct lines *b, size_t from, size_t a_to,
			   size_t b_to)
{
	size_t n = a_to - from, m = b_to - from;
	if (n + 1 > MAX_TABLE / (m + 1))
		return NULL;
	uint32_t *t = xcalloc((n + 1) * (m + 1), sizeof(*t));
	for (size_t i = n; i-- > 0;) {
		for (size_t j = m; j-- > 0;) {
			uint32_t down = t[(i + 1) * (m + 1) + j], right = t[i * (m + 1) + j + 1];
			t[i * (m + 1) + j] = same_line(a, from + i, b, from + j)
						 ? t[(i + 1) * (m + 1) + j + 1] + 1
						 : (down > right ? down : right);
		}
	}
	return t;
}

static struct edit *edit_script(const struct lines *a, const struct lines *b, size_t *ret_n)
{
	struct edit *script = xcalloc(a->n + b->n + 1, sizeof(*script));
	size_t k = 0, i = 0, j = 0, a_to = a->n, b_to = b->n;
	for (; i < a->n && i < b->n && same_line(a, i, b, i); i++)
		script[k++] = (struct edit){' ', i, i};
	size_t from = j = i;
	while (a_to > from && b_to > from && same_line(a, a_to - 1, b, b_to - 1)) {
		a_to--;
		b_to--;
	}
	_cleanup_free_ uint32_t *t = lcs_table(a, b, from, a_to, b_to);
	size_t width = b_to - from + 1;
	while (i < a_to || j < b_to) {
		const uint32_t *cell = t ? t + (i - from) * width + (j - from) : NULL;
		if (t && i < a_to && j < b_to && same_line(a, i, b, j)) {
			script[k++] = (struct edit){' ', i, j};
			i++, j++;
		} else if (i < a_to && (j == b_to || !t || cell[width] >= cell[1])) {
			script[k++] = (struct edit){'-', i++, j};
		} else {
			script[k++] = (struct edit){'+', i, j++};
		}
	}
	for (; i < a->n; i++, j++)
		script[k++] = (struct edit){' ', i, j};
	*ret_n = k;
	return script;
}

/* End of the hunk that starts at i: the change before CONTEXT * 2 + 1 equal lines, plus CONTEXT. */
static size_t hunk_end(const struct edit *s, size_t n, size_t i)
{
	size_t last = i;
	for (size_t k = i; k < n && k <= last + CONTEXT * 2; k++)
		if (s[k].op != ' ')
			last = k;
	return last + 1 + CONTEXT < n ? last + 1 + CONTEXT : n;
}

static void print_hunk(FILE *f, const struct lines *a, const struct lines *b, const struct edit *s,
		       size_t from, size_t to, size_t *budget)
{
	size_t in_a = 0, in_b = 0;
	for (size_t k = from; k < to; k++) {
		in_a += s[k].op != '+';
		in_b += s[k].op != '-';
	}
	fprintf(f, "@@ -%zu,%zu +%zu,%zu @@\n", s[from].a + (in_a > 0), in_a,
		s[from].b + (in_b > 0), in_b);
	for (size_t k = from; k<to && * budget> 0; k++, --*budget) {
		const struct lines *l = s[k].op == '+' ? b : a;
		size_t i = s[k].op == '+' ? s[k].b : s[k].a;
		size_t len = line_len(l, i);
		bool newline = l->at[i][len - 1] == '\n';
		fprintf(f, "%c%.*s\n%s", s[k].op, (int)(len - newline), l->at[i],
			newline ? "" : "\\ No newline at end of file\n");
	}
}

char *text_diff(const char *a, const char *b, const char *label_a, const char *label_b)
{
	if (strcmp(a, b) == 0)
		return xstrdup("");
	char *out = NULL;
	size_t len = 0, n, budget = MAX_LINES;
	__attribute__((cleanup(lines_done))) struct lines la = lines_of(a), lb = lines_of(b);
	_cleanup_free_ struct edit *s = edit_script(&la, &lb, &n);
	FILE *f = open_memstream(&out, &len);
	if (!f)
		abort();
	fprintf(f, "--- %s\n+++ %s\n", label_a, label_b);
	for (size_t i = 0; i < n && budget > 0;) {
		if (s[i].op == ' ') {
			i++;
			continue;
		}
		size_t from = i > CONTEXT ? i - CONTEXT : 0;
		i = hunk_end(s, n, i);
		print_hunk(f, &la, &lb, s, from, i, &budget);
	}
	if (budget == 0)
		fputs("...\n", f);
	if (fclose(f) != 0)
		abort();
	return out;
}
