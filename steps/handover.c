/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See handover.h. Both languages stand in the file, because whoever reads it later need not be who
 * installed: it does not change with the language of the menus. */
#include "steps/handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "steps/ess.h"

struct words {
	const char *colon, *title, *addresses, *web, *account, *admin, *homeserver, *calls;
	const char *user, *user_is, *password_is, *existed, *by_argument;
	const char *router, *router_to, *router_head, *https, *http, *federation, *rtc_tcp, *rtc_udp, *node_ports;
	const char *clients, *type_name, *type_url, *browser, *apex_note, *admin_note, *no_federation, *srv_note;
	const char *registration, *invite, *open, *closed;
	const char *home, *hairpin_no, *hairpin_unknown, *staging, *warnings, *secrets, *care;
};

static const struct words english = {
	.colon = ": ",
	.title = "Your Matrix server is installed",
	.addresses = "Addresses",
	.web = "Element Web (open it in a browser)",
	.account = "Account page (password, devices)",
	.admin = "Element Admin (users, invitations)",
	.homeserver = "Homeserver",
	.calls = "Calls",
	.user = "Administrator",
	.user_is = "User name",
	.password_is = "Password: shown by the command   sudo ess-setup secret show admin.password",
	.existed = "The account existed before: its password is the one it had.",
	.by_argument = "The password was handed to the account service as an argument of a command, since its prompts "
		       "were not the known ones: while it ran, for about a second, administrators of this machine "
		       "could have seen it. Change it on the account page if that matters to you.",
	.router = "What the router must forward (TCP or UDP, port numbers unchanged)",
	.router_to = "To the address of this machine",
	.router_head = "outside          to       what for",
	.https = "web pages, clients, calls (HTTPS)",
	.http = "only leads to HTTPS; may be left out",
	.federation = "other Matrix servers (federation)",
	.rtc_tcp = "calls where UDP is blocked",
	.rtc_udp = "sound and picture of calls",
	.node_ports = "If the router can change port numbers, %ld, %ld and %ld of this machine lead to the same "
		      "services as %ld, %ld and %ld.",
	.clients = "What to type in the apps (Element X, Element Desktop, others)",
	.type_name = "Homeserver:  %s",
	.type_url = "Homeserver:  %s   (the whole line, with https:// and the port)",
	.browser = "In a browser nothing has to be typed: open %s",
	.apex_note = "This needs the two .well-known files to be answered on port 443 of %s; where they are not, "
		     "type  %s",
	.admin_note = "Element Admin asks %s on port 443 where the server is; from outside it works only where "
		      "something answers there.",
	.no_federation = "Federation is switched off: only users of this server can talk to each other.",
	.srv_note = "Other servers find this one by the DNS record SRV _matrix-fed._tcp.%s, port %ld.",
	.registration = "New users",
	.invite = "need an invitation (registration token): ess-setup user invite makes one.",
	.open = "may register by themselves; the address of their mail is verified.",
	.closed = "are made by the administrator.",
	.home = "Devices at home",
	.hairpin_no = "The router does not lead devices at home back to the public address (no NAT loopback, also called "
		      "hairpin). Switch it on in the router, or make a local DNS record for each name above that shows %s.",
	.hairpin_unknown = "If the addresses work outside but not at home, switch on NAT loopback (hairpin) in the router, "
			   "or make a local DNS record for each name above that shows %s.",
	.staging = "The certificates are of the staging environment, for trying things out: browsers warn, and calls "
		   "do not work. Switch over with:  sudo ess-setup config set certificates.environment production && "
		   "sudo ess-setup apply",
	.warnings = "Not as it should be",
	.secrets = "All stored passwords: sudo ess-setup secret list. They are encrypted in /var/lib/ess-setup/secrets.json; "
		   "the key lies beside it: back up both, in different places.",
	.care = "Look at the state: ess-setup status. Explain an error: ess-setup explain CODE.",
};

static const struct words chinese = {
	.colon = "：",
	.title = "您的 Matrix 服务器已安装完成",
	.addresses = "地址",
	.web = "Element Web（用浏览器打开）",
	.account = "账户页面（密码、设备）",
	.admin = "Element Admin（用户、邀请）",
	.homeserver = "主服务器",
	.calls = "通话",
	.user = "管理员",
	.user_is = "用户名",
	.password_is = "密码：用此命令查看   sudo ess-setup secret show admin.password",
	.existed = "该账户此前已存在：密码仍是原来的密码。",
	.by_argument = "密码是作为命令参数交给账户服务的（它的提示与已知的不同）：在命令运行的约一秒内，本机的管理员可能看到它。"
		       "如果您在意，请在账户页面修改密码。",
	.router = "路由器需要转发的端口（TCP 或 UDP，端口号不变）",
	.router_to = "转发到本机地址",
	.router_head = "外部             内部     用途",
	.https = "网页、客户端、通话（HTTPS）",
	.http = "仅跳转到 HTTPS，可以不转发",
	.federation = "其他 Matrix 服务器（联邦）",
	.rtc_tcp = "UDP 被阻断时的通话",
	.rtc_udp = "通话的声音和画面",
	.node_ports = "如果路由器可以改变端口号：本机的 %ld、%ld、%ld 与 %ld、%ld、%ld 通向相同的服务。",
	.clients = "在应用中输入什么（Element X、Element 桌面版等）",
	.type_name = "主服务器：%s",
	.type_url = "主服务器：%s   （整行输入，包括 https:// 和端口）",
	.browser = "用浏览器无需输入，直接打开 %s",
	.apex_note = "这需要 %s 的 443 端口能返回两个 .well-known 文件；如果不能，请输入  %s",
	.admin_note = "Element Admin 会到 %s 的 443 端口查询服务器位置；从外网使用时，只有该端口有应答才行。",
	.no_federation = "联邦已关闭：只有本服务器的用户可以互相联系。",
	.srv_note = "其他服务器通过 DNS 记录 SRV _matrix-fed._tcp.%s（端口 %ld）找到本服务器。",
	.registration = "新用户",
	.invite = "需要邀请（注册令牌），用 ess-setup user invite 生成。",
	.open = "可以自行注册，需要验证邮箱。",
	.closed = "由管理员创建。",
	.home = "家中的设备",
	.hairpin_no = "路由器不能把家中设备访问公网地址的连接转回来（没有 NAT 回环，也叫 hairpin）。请在路由器中打开它，"
		      "或者为上面每个名称添加一条指向 %s 的本地 DNS 记录。",
	.hairpin_unknown = "如果在外面可以访问而在家里不行，请在路由器中打开 NAT 回环（hairpin），"
			   "或者为上面每个名称添加一条指向 %s 的本地 DNS 记录。",
	.staging = "证书来自测试环境（staging），仅供试用：浏览器会警告，通话不可用。切换到正式证书：  "
		   "sudo ess-setup config set certificates.environment production && sudo ess-setup apply",
	.warnings = "尚有问题",
	.secrets = "所有保存的密码：sudo ess-setup secret list。它们加密保存在 /var/lib/ess-setup/secrets.json，"
		   "密钥就在旁边：请把两者分开备份。",
	.care = "查看状态：ess-setup status。解释错误：ess-setup explain 代码。",
};

static void head(FILE *f, const char *text)
{
	fprintf(f, "\n== %s ==\n", text);
}

static char *url_of(const char *host, long port)
{
	_cleanup_free_ char *suffix = ess_port_suffix(port);
	return xasprintf("https://%s%s", host, suffix);
}

static void address(FILE *f, const char *what, const char *host, long port)
{
	_cleanup_free_ char *url = host ? url_of(host, port) : NULL;
	if (url)
		fprintf(f, "%s\n    %s\n", what, url);
}

static void addresses(FILE *f, const struct words *w, const struct handover *h)
{
	head(f, w->addresses);
	address(f, w->web, h->web, h->https);
	address(f, w->account, h->auth, h->https);
	address(f, w->admin, h->admin, h->https);
	address(f, w->homeserver, h->synapse, h->https);
	address(f, w->calls, h->rtc, h->https);
}

static void administrator(FILE *f, const struct words *w, const struct handover *h)
{
	head(f, w->user);
	fprintf(f, "%s%s%s   (@%s:%s)\n", w->user_is, w->colon, h->username, h->username, h->server_name);
	fprintf(f, "%s\n", h->existed ? w->existed : w->password_is);
	if (h->by_argument && !h->existed)
		fprintf(f, "%s\n", w->by_argument);
	const char *who = !strcmp(h->registration, "invite") ? w->invite
			: !strcmp(h->registration, "open")   ? w->open
							     : w->closed;
	fprintf(f, "%s%s%s\n", w->registration, w->colon, who);
}

static void forward(FILE *f, const char *protocol, const char *ports, const char *what)
{
	fprintf(f, "    %s %-12s %-12s %s\n", protocol, ports, ports, what);
}

static void forward_port(FILE *f, const char *protocol, long port, const char *what)
{
	_cleanup_free_ char *text = xasprintf("%ld", port);
	forward(f, protocol, text, what);
}

static void router(FILE *f, const struct words *w, const struct handover *h)
{
	head(f, w->router);
	fprintf(f, "%s%s%s\n\n    %s\n", w->router_to, w->colon, h->machine ? h->machine : "?", w->router_head);
	forward_port(f, "TCP", h->https, w->https);
	if (!strcmp(h->plan, "srv") && h->federation != h->https)
		forward_port(f, "TCP", h->federation, w->federation);
	forward_port(f, "TCP", h->rtc_tcp, w->rtc_tcp);
	if (h->udp_range)
		forward(f, "UDP", h->udp_range, w->rtc_udp);
	else
		forward_port(f, "UDP", h->rtc_udp, w->rtc_udp);
	forward_port(f, "TCP", h->http, w->http);
	fputc('\n', f);
	fprintf(f, w->node_ports, h->node_https, h->node_federation, h->node_http, h->https, h->federation, h->http);
	fputc('\n', f);
}

static void clients(FILE *f, const struct words *w, const struct handover *h)
{
	_cleanup_free_ char *url = url_of(h->synapse, h->https);
	_cleanup_free_ char *web = url_of(h->web, h->https);
	bool by_name = h->https == 443 || !strcmp(h->plan, "apex");

	head(f, w->clients);
	fprintf(f, by_name ? w->type_name : w->type_url, by_name ? h->server_name : url);
	fputc('\n', f);
	if (by_name && h->https != 443) {
		fprintf(f, w->apex_note, h->server_name, url);
		fputc('\n', f);
	}
	fprintf(f, w->browser, web);
	fputc('\n', f);
	if (h->admin && h->https != 443) {
		fprintf(f, w->admin_note, h->server_name);
		fputc('\n', f);
	}
	if (!strcmp(h->plan, "none")) {
		fprintf(f, "%s\n", w->no_federation);
	} else if (!strcmp(h->plan, "srv")) {
		fprintf(f, w->srv_note, h->server_name, h->federation);
		fputc('\n', f);
	}
}

static void home(FILE *f, const struct words *w, const struct handover *h)
{
	if (h->hairpin && !strcmp(h->hairpin, "yes"))
		return;
	head(f, w->home);
	fprintf(f, h->hairpin && !strcmp(h->hairpin, "no") ? w->hairpin_no : w->hairpin_unknown,
		h->machine ? h->machine : "?");
	fputc('\n', f);
}

static void language(FILE *f, const struct words *w, const struct handover *h)
{
	size_t i;
	json_t *warning;

	fprintf(f, "%s%s%s\n", w->title, w->colon, h->server_name);
	if (h->staging)
		fprintf(f, "\n%s\n", w->staging);
	if (json_array_size(h->warnings) > 0)
		head(f, w->warnings);
	json_array_foreach(h->warnings, i, warning)
		fprintf(f, "  - %s\n", json_string_value(warning) ? json_string_value(warning) : "");
	addresses(f, w, h);
	administrator(f, w, h);
	router(f, w, h);
	clients(f, w, h);
	home(f, w, h);
	fprintf(f, "\n%s\n%s\n", w->secrets, w->care);
}

char *handover_text(const struct handover *h)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	language(f, &english, h);
	fprintf(f, "\n\n----------------------------------------------------------------------\n\n");
	language(f, &chinese, h);
	if (fclose(f) != 0)
		abort();
	return text;
}
