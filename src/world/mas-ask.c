/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The prompts of mas-cli (dialoguer's FuzzySelect, Password and Confirm): keys come one by one,
 * what is typed for a password is not shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "world/kubectl.h"

static int key(void)
{
	char c;
	fflush(stdout);
	return read(STDIN_FILENO, &c, 1) == 1 ? (unsigned char)c : -1;
}

/* What is typed up to Enter; NULL at the end of the line or at Escape. New. */
static char *typed(const char *redraw)
{
	char buf[256];
	size_t n = 0;
	for (int c; (c = key()) != '\r' && c != '\n';) {
		if (c < 0 || c == '\033' || n + 1 == sizeof(buf))
			return NULL;
		buf[n++] = (char)c;
		if (redraw)
			printf("\r\033[2K%s%.*s", redraw, (int)n, buf);
	}
	return xstrndup(buf, n);
}

static char *menu(void)
{
	static const char question[] =
		"\033[33m?\033[0m \033[1mWhat do you want to do next? (<Esc> to abort)\033[0m ";
	printf("%s\n\033[32m>\033[0m Create the user\n  Change the username\n  Add email\n  Set a "
	       "password\n",
	       question);
	return typed(question);
}

static bool ask_password(char **ret)
{
	printf("\n\033[33m?\033[0m \033[1mPassword\033[0m ");
	_cleanup_free_ char *first = typed(NULL);
	printf("\n\033[33m?\033[0m \033[1mConfirm password\033[0m ");
	_cleanup_free_ char *second = typed(NULL);
	bool same = first && second && strcmp(first, second) == 0;
	free(*ret);
	*ret = same ? steal(first) : NULL;
	printf("\n\033[32mv\033[0m \033[1mPassword\033[0m ********\n");
	return same;
}

static bool converse(char **ret_password)
{
	for (;;) {
		_cleanup_free_ char *choice = menu();
		if (!choice)
			return false;
		if (!*choice)
			break;
		if (strcmp(choice, "Set a password") != 0 || !ask_password(ret_password))
			return false;
	}
	printf("\n\033[33m?\033[0m \033[1mConfirm?\033[0m \033[2m(y/n)\033[0m ");
	return key() == 'y';
}

int mas_ask(char **ret_password)
{
	struct termios before, raw;
	*ret_password = NULL;
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return 0;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	bool created = converse(ret_password);
	puts("");
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	return created;
}
