/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Bad configurations, one a row: the message must name the key and what is wrong with it, and show
 * a right value. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/config.h"
#include "tests/unit/unit.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"
#define LONG_HOST L63 "." L63 "." L63 "." L60 "ab" /* 254 */

struct bad_value {
	const char *key, *value;
	const char *wrong; /* words of the message */
};

static const struct bad_value bad_values[] = {
	/* host names */
	{ "domains.server_name", "", "empty" },
	{ "domains.server_name", "example.com:8443", "port" },
	{ "domains.server_name", "https://example.com", "scheme" },
	{ "domains.server_name", "http://example.com/", "scheme" },
	{ "domains.server_name", "example.com/", "slash" },
	{ "domains.server_name", "me@example.com", "e-mail" },
	{ "domains.server_name", "my_home.example.com", "underscore" },
	{ "domains.server_name", "example.com.", "dot" },
	{ "domains.server_name", ".example.com", "dot" },
	{ "domains.server_name", "example..com", "between two dots" },
	{ "domains.server_name", "m\xc3\xbcller.de", "punycode" },
	{ "domains.server_name", "\xe4\xbe\x8b\xe5\xad\x90.\xe4\xb8\xad\xe5\x9b\xbd", "punycode" },
	{ "domains.server_name", LONG_HOST, "253" },
	{ "domains.server_name", L63 "x.example.com", "63" },
	{ "domains.server_name", "-home.example.com", "hyphen" },
	{ "domains.server_name", "home-.example.com", "hyphen" },
	{ "domains.server_name", "*.example.com", "wildcard" },
	{ "domains.server_name", "my home.example.com", "white space" },
	{ "domains.server_name", "example.com\n", "white space" },
	{ "domains.server_name", "\texample.com", "white space" },
	{ "domains.server_name", "Example.com", "capital" },
	{ "domains.server_name", "localhost", "one word" },
	{ "domains.server_name", "home", "one word" },
	{ "domains.server_name", "192.168.1.20", "IP address" },
	{ "domains.server_name", "203.0.113.7", "IP address" },
	{ "domains.server_name", "2001:db8::1", "port" },
	{ "domains.server_name", "home.123", "number" },
	{ "domains.server_name", "$(reboot).example.com", "character" },
	{ "domains.server_name", "`id`.example.com", "character" },
	{ "domains.server_name", "home;reboot.example.com", "character" },
	{ "domains.server_name", "\"example.com\"", "quotation" },
	{ "domains.server_name", "'example.com'", "quotation" },
	{ "domains.server_name", "a\"b.example.com", "character" },
	{ "domains.server_name", "home\x01.example.com", "character" },
	{ "domains.server_name", "home.example.com,other.example.com", "character" },
	{ "domains.synapse", "", "empty" },
	{ "domains.synapse", "matrix:8443", "port" },
	{ "domains.synapse", "matrix_1", "underscore" },
	{ "domains.synapse", "matrix.", "dot" },
	{ "domains.synapse", "7", "number" },
	{ "domains.auth", "https://account", "scheme" },
	{ "domains.auth", "10.0.0.1", "IP address" },
	{ "domains.rtc", "-mrtc", "hyphen" },
	{ "domains.rtc", L63 "x", "63" },
	{ "domains.web", "Element", "capital" },
	{ "domains.web", "chat/element", "slash" },
	{ "domains.admin", "false", "off" },
	{ "domains.admin", "none", "off" },
	{ "domains.admin", "ad min", "white space" },
	/* ports */
	{ "ports.http", "0", "whole number" },
	{ "ports.http", "65536", "whole number" },
	{ "ports.http", "http", "whole number" },
	{ "ports.https", "", "whole number" },
	{ "ports.https", "-1", "whole number" },
	{ "ports.https", "+8443", "whole number" },
	{ "ports.https", "08443", "whole number" },
	{ "ports.https", "0x20fb", "whole number" },
	{ "ports.https", "8443.0", "whole number" },
	{ "ports.https", "8 443", "whole number" },
	{ "ports.https", "8443/tcp", "whole number" },
	{ "ports.https", "8443,8444", "whole number" },
	{ "ports.https", "99999999999999999999", "whole number" },
	{ "ports.federation", "$(id -u)", "whole number" },
	{ "ports.internal.http", "1e5", "whole number" },
	{ "ports.internal.https", "null", "whole number" },
	{ "ports.internal.federation", " 30448", "whole number" },
	{ "ports.rtc_tcp", "30001\n", "whole number" },
	{ "ports.rtc_udp", "true", "whole number" },
	{ "ports.rtc_mode", "single", "range, muxed" },
	{ "ports.udp_range", "", "range" },
	{ "ports.udp_range", "30352-30152", "ends before" },
	{ "ports.udp_range", "30152", "range" },
	{ "ports.udp_range", "30152:30352", "range" },
	{ "ports.udp_range", "30152 - 30352", "range" },
	{ "ports.udp_range", "30152-", "range" },
	{ "ports.udp_range", "-30352", "range" },
	{ "ports.udp_range", "30152-30352-30400", "range" },
	{ "ports.udp_range", "0-100", "range" },
	{ "ports.udp_range", "60000-70000", "range" },
	{ "ports.udp_range", "30000-32767", "1001" },
	{ "ports.udp_range", "a-b", "range" },
	/* e-mail */
	{ "certificates.email", "", "empty" },
	{ "certificates.email", "certs", "no @" },
	{ "certificates.email", "certs@", "domain" },
	{ "certificates.email", "@home-chat.net", "before the @" },
	{ "certificates.email", "a@b@home-chat.net", "one address" },
	{ "certificates.email", "a@home-chat.net, b@home-chat.net", "one address" },
	{ "certificates.email", "Me <me@home-chat.net>", "one address" },
	{ "certificates.email", "me@localhost", "domain" },
	{ "certificates.email", "me@192.168.1.1", "domain" },
	{ "certificates.email", "me@home_chat.net", "domain" },
	{ "certificates.email", "me@home-chat.net.", "domain" },
	{ "certificates.email", "m..e@home-chat.net", "before the @" },
	{ "certificates.email", ".me@home-chat.net", "before the @" },
	{ "certificates.email", "m\"e@home-chat.net", "character" },
	{ "certificates.email", "m\xc3\xa9@home-chat.net", "character" },
	{ "certificates.email", "me@home-chat.net\nbcc: x", "one address" },
	{ "certificates.email", L60 L10 "@home-chat.net", "before the @" },
	{ "admin.email", "admin", "no @" },
	{ "smtp.from", "matrix@", "domain" },
	{ "certificates.environment", "prod", "production, staging" },
	{ "certificates.environment", "", "production, staging" },
	{ "dns.manage", "maybe", "true" },
	{ "dns.manage", "1", "true" },
	{ "dns.manage", "", "true" },
	/* users */
	{ "admin.username", "", "empty" },
	{ "admin.username", "Admin", "capital" },
	{ "admin.username", "@admin:example.com", "Matrix ID" },
	{ "admin.username", "admin:example.com", "Matrix ID" },
	{ "admin.username", "the admin", "character" },
	{ "admin.username", "admin!", "character" },
	{ "admin.username", "12345", "digits" },
	{ "admin.username", "_admin", "underscore" },
	{ "admin.username", "--help", "hyphen" },
	{ "admin.username", "\xe7\xae\xa1\xe7\x90\x86", "character" },
	{ "admin.username", "$(whoami)", "character" },
	{ "admin.username", L60 L60 L60 L60 L10 L10, "255" },
	{ "registration.mode", "yes", "invite, open, closed" },
	{ "smtp.host", "smtp://mail.home-chat.net", "scheme" },
	{ "smtp.host", "mail.home-chat.net:587", "port" },
	{ "smtp.port", "smtp", "whole number" },
	{ "smtp.mode", "ssl", "starttls" },
	{ "smtp.username", "a\nb", "line break" },
	/* paths */
	{ "paths.home", "", "slash" },
	{ "paths.home", "opt/matrix", "slash" },
	{ "paths.home", "./matrix", "slash" },
	{ "paths.home", "~/matrix", "slash" },
	{ "paths.home", "/opt/../etc", ".." },
	{ "paths.home", "/opt/matrix/..", ".." },
	{ "paths.home", "/opt/./matrix", ".." },
	{ "paths.home", "/opt//matrix", "two slashes" },
	{ "paths.home", "/opt/matrix/", "its end" },
	{ "paths.home", "/opt/mat\nrix", "line break" },
	{ "paths.home", "/opt/my matrix", "character" },
	{ "paths.home", "/opt/$(id)", "character" },
	{ "paths.home", "/opt/\"matrix\"", "character" },
	{ "paths.home", "\"/opt/matrix\"", "quotation" },
	{ "paths.home", "/opt/matrix;id", "character" },
	{ "paths.home", "/", "whole file system" },
	{ "paths.home", "/etc", "system" },
	{ "paths.home", "/etc/matrix", "system" },
	{ "paths.home", "/usr", "system" },
	{ "paths.home", "/var/lib", "system" },
	{ "paths.home", "/var/lib/ess-setup/data", "system" },
	{ "paths.home", "/tmp/matrix", "system" },
	{ "paths.home", "/proc/1", "system" },
	{ "paths.home", "/home", "system" },
	{ "paths.home", "/opt/" L60 L60 L60 L60, "200" },
	{ "network.ca_file", "ca.pem", "slash" },
	{ "cluster.kubeconfig", "~/.kube/config", "slash" },
	{ "ess.extra_values", "/root/a.yaml,b.yaml", "slash" },
	{ "ess.extra_values", "/root/../a.yaml", ".." },
	{ "ess.extra_values", "/root/a.yaml,/root/a.yaml", "twice" },
	/* sizes */
	{ "storage.media_size", "", "size" },
	{ "storage.media_size", "10", "size" },
	{ "storage.media_size", "10GB", "size" },
	{ "storage.media_size", "10 Gi", "size" },
	{ "storage.media_size", "0Gi", "size" },
	{ "storage.media_size", "-1Gi", "size" },
	{ "storage.postgres_size", "10gi", "size" },
	{ "storage.postgres_size", "1.5Gi", "size" },
	{ "storage.class", "Local_Path", "Kubernetes" },
	{ "storage.class", "", "Kubernetes" },
	{ "synapse.max_upload_size", "100MB", "size" },
	{ "synapse.max_upload_size", "100m", "size" },
	{ "synapse.max_upload_size", "1G", "size" },
	{ "synapse.max_upload_size", "100", "size" },
	{ "postgres.mode", "internal", "embedded, external" },
	{ "postgres.host", "postgres://db", "scheme" },
	{ "postgres.port", "0", "whole number" },
	{ "postgres.ssl_mode", "on", "verify-full" },
	{ "postgres.synapse_user", "syn apse", "PostgreSQL" },
	{ "postgres.synapse_database", "1synapse", "PostgreSQL" },
	{ "postgres.auth_user", "mas';drop table users", "PostgreSQL" },
	{ "postgres.auth_database", L63 "x", "PostgreSQL" },
	/* network */
	{ "network.resolvers", "", "empty" },
	{ "network.resolvers", "dns.google", "IPv4" },
	{ "network.resolvers", "8.8.8", "IPv4" },
	{ "network.resolvers", "8.8.8.8:0", "IPv4" },
	{ "network.resolvers", "8.8.8.8:99999", "IPv4" },
	{ "network.resolvers", "8.8.8.8,8.8.8.8", "twice" },
	{ "network.resolvers", "8.8.8.8 1.1.1.1", "IPv4" },
	{ "network.resolvers", "::1", "IPv4" },
	{ "network.resolvers", "08.8.8.8", "IPv4" },
	{ "network.public_address_mode", "auto", "follow, stun, manual" },
	{ "network.public_address", "home.home-chat.net", "IPv4" },
	{ "network.public_address", "256.1.1.1", "IPv4" },
	{ "network.public_address", "2001:db8::1", "IPv6" },
	{ "network.stun_servers", "stun:stun.l.google.com:19302", "port" },
	{ "network.stun_servers", "stun.l.google.com", "port" },
	{ "network.stun_servers", "stun.l.google.com:0", "port" },
	{ "network.proxy", "192.168.1.2:7890", "http://" },
	{ "network.proxy", "ftp://proxy:21", "http://" },
	{ "network.proxy", "http://me:secret@proxy:3128", "password" },
	{ "network.proxy", "http://proxy:port", "port" },
	{ "network.proxy", "http://proxy:3128/path", "after the port" },
	{ "network.proxy", "http://", "host" },
	{ "network.no_proxy", "a b", "commas" },
	{ "network.connect_to", "127.0.0.1:8443", "HOST:PORT" },
	{ "network.connect_to", "a:b:c:d", "HOST:PORT" },
	{ "network.connect_to", "::127.0.0.1:0", "HOST:PORT" },
	{ "firewall.manage", "ja", "true" },
	/* cluster */
	{ "cluster.kind", "k8s", "k3s, existing" },
	{ "cluster.ingress_class", "Traefik!", "Kubernetes" },
	{ "cluster.ingress_namespace", "kube system", "Kubernetes" },
	{ "cluster.ingress_selector", "traefik", "LABEL=VALUE" },
	{ "cluster.ingress_selector", "a=b=c", "LABEL=VALUE" },
	{ "cluster.ingress_target_port", "web_secure", "port" },
	{ "cluster.ingress_target_port", "a-name-that-is-too-long", "port" },
	{ "cluster.ingress_federation_target_port", "0", "port" },
	{ "cluster.internal_address", "10.43.0", "IPv4" },
	{ "cluster.pod_cidr", "10.42.0.0", "network" },
	{ "cluster.pod_cidr", "10.42.0.1/16", "network" },
	{ "cluster.pod_cidr", "10.42.0.0/30", "bits" },
	{ "cluster.pod_cidr", "8.8.0.0/16", "private" },
	{ "cluster.service_cidr", "10.43.0.0/33", "network" },
	{ "cluster.service_cidr", "fd00::/64", "network" },
	/* supply and mirrors */
	{ "supply.k3s_channel", "latest", "channel" },
	{ "supply.k3s_channel", "v1", "channel" },
	{ "supply.k3s_version", "v1.36.3", "release" },
	{ "supply.k3s_version", "1.36.3+k3s1", "release" },
	{ "supply.k3s_version", "v1.36.3-rc1+k3s1", "release" },
	{ "supply.helm_version", "4.2.4", "release" },
	{ "supply.helm_version", "v2.17.0", "release" },
	{ "supply.helm_version", "v4.2", "release" },
	{ "supply.cert_manager_version", "v1.21", "release" },
	{ "supply.chart_version", "v26.8.1", "release" },
	{ "supply.chart_version", "26.8.2-dev", "release" },
	{ "supply.chart_version", "25.04.01", "release" },
	{ "supply.k3s_install_sha256", L60, "SHA-256" },
	{ "mirrors.github", "ghfast.top", "https://" },
	{ "mirrors.helm", "https://", "host" },
	{ "mirrors.docker_io", "https://user:pw@mirror.home-chat.net", "password" },
	{ "mirrors.ghcr_io", "https://mirror.home-chat.net/$(id)", "character" },
	{ "mirrors.quay_io", "https://mirror_1.home-chat.net", "host" },
	{ "mirrors.oci_element_io", "oci://registry", "https://" },
	{ "mirrors.k3s", "https://mirror.home-chat.net:99999/k3s", "port" },
	{ "images.registries", "sfu", "no part" },
	{ "images.registries", "livekit=registry.home-chat.net", "no part" },
	{ "images.registries", "sfu=", "no registry" },
	{ "images.registries", "sfu=registry", "no registry" },
	{ "images.registries", "sfu=https://registry.home-chat.net", "no registry" },
	{ "images.registries", "sfu=registry.home-chat.net/", "no registry" },
	{ "images.registries", "sfu=registry.home-chat.net:0", "no registry" },
	{ "images.registries", "sfu=registry.home-chat.net:99999/x", "no registry" },
	{ "images.registries", "sfu=Registry.home-chat.net", "no registry" },
	{ "images.registries", "sfu=registry.home-chat.net/$(id)", "no registry" },
	{ "images.registries", "web=registry.home-chat.net//x", "no registry" },
	{ "scale.web_replicas", "0", "whole number" },
	{ "scale.auth_replicas", "51", "whole number" },
	{ "scale.haproxy_replicas", "two", "whole number" },
	{ "scale.synapse_workers", "generic", "no worker" },
	{ "scale.synapse_workers", "sso-login", "no worker" },
	{ "scale.synapse_workers", "client-reader=0", "number of workers" },
	{ "scale.synapse_workers", "client-reader=", "number of workers" },
	{ "scale.synapse_workers", "client-reader=51", "number of workers" },
	{ "scale.synapse_workers", "background=2", "only one" },
	{ "rtc.restart_wait_minutes", "-1", "whole number" },
	{ "rtc.restart_wait_minutes", "1441", "whole number" },
	{ "federation.plan", "a", "apex, srv, none" },
	{ "ui.language", "de", "zh_CN" },
	{ "ui.language", "zh", "zh_CN" },
};

/* The message names the key, holds the words, and shows the example of the table. */
static void check_message(const struct err *e, const char *key, const char *wrong)
{
	_cleanup_free_ char *text = err_text(e);
	ck_assert_msg(e->fault == FAULT_CONFIG_VALUE, "%s: fault %d: %s", key, e->fault, text);
	ck_assert_msg(strstr(text, key) != NULL, "%s is not named: %s", key, text);
	ck_assert_msg(strstr(text, wrong) != NULL, "%s: no \"%s\" in: %s", key, wrong, text);
	ck_assert_msg(!strchr(text, '\n'), "%s: a line break in: %s", key, text);
}

START_TEST(bad_values_are_refused)
{
	const struct bad_value *b = &bad_values[_i];
	_cleanup_config_ struct config c;
	struct err e = ERR_INIT;

	config_new(&c);
	ck_assert_msg(config_set(&c, b->key, b->value, &e) < 0, "%s = \"%s\" was taken", b->key,
		      b->value);
	check_message(&e, b->key, b->wrong);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(strstr(text, key_find(b->key)->example) != NULL, "no example in: %s", text);
	ck_assert(!config_is_set(&c, b->key));
}
END_TEST

/* --- rules between keys ----------------------------------------------------------------------- */

#define BASE "domains.server_name=home-chat.net;certificates.email=me@home-chat.net"

struct bad_set {
	const char *settings; /* on top of BASE */
	const char *key;
	const char *wrong;
};

static const struct bad_set bad_sets[] = {
	{ "ports.http=8443", "ports.https", "ports.http" },
	{ "ports.http=8448", "ports.federation", "ports.http" },
	{ "ports.https=30080", "ports.internal.http", "ports.https" },
	{ "ports.https=30001", "ports.rtc_tcp", "ports.https" },
	{ "ports.internal.http=30443", "ports.internal.https", "ports.internal.http" },
	{ "ports.internal.http=30448", "ports.internal.federation", "ports.internal.http" },
	{ "ports.internal.https=29999", "ports.internal.https", "30000 and 32767" },
	{ "ports.internal.https=443", "ports.internal.https", "30000 and 32767" },
	{ "ports.internal.federation=32768", "ports.internal.federation", "30000 and 32767" },
	{ "ports.rtc_tcp=7881", "ports.rtc_tcp", "30000 and 32767" },
	{ "ports.rtc_tcp=30080", "ports.rtc_tcp", "ports.internal.http" },
	{ "ports.rtc_tcp=30200", "ports.udp_range", "ports.rtc_tcp" },
	{ "ports.udp_range=30400-30500", "ports.udp_range", "ports.internal.https" },
	{ "ports.udp_range=30000-30050", "ports.udp_range", "ports.rtc_tcp" },
	{ "ports.udp_range=50000-50100", "ports.udp_range", "30000 and 32767" },
	{ "ports.udp_range=32700-32800", "ports.udp_range", "30000 and 32767" },
	{ "ports.udp_range=10000-10100", "ports.udp_range", "30000 and 32767" },
	{ "ports.rtc_mode=muxed;ports.rtc_udp=30001", "ports.rtc_udp", "ports.rtc_tcp" },
	{ "ports.rtc_mode=muxed;ports.rtc_udp=30443", "ports.rtc_udp", "ports.internal.https" },
	{ "ports.rtc_mode=muxed;ports.rtc_udp=3478", "ports.rtc_udp", "30000 and 32767" },
	{ "ports.https=6443", "ports.https", "Kubernetes" },
	{ "ports.http=22", "ports.http", "SSH" },
	{ "ports.federation=10250", "ports.federation", "kubelet" },
	{ "ports.https=2379", "ports.https", "etcd" },
	{ "domains.server_name=example.com", "domains.server_name", "example" },
	{ "domains.server_name=chat.example.org", "domains.server_name", "example" },
	{ "domains.server_name=my.test", "domains.server_name", "example" },
	{ "domains.server_name=a.invalid", "domains.server_name", "example" },
	{ "domains.server_name=a.localhost", "domains.server_name", "example" },
	{ "domains.server_name=your-domain.com", "domains.server_name", "example" },
	{ "domains.server_name=matrix.lan", "domains.server_name", "public DNS" },
	{ "domains.server_name=nas.local", "domains.server_name", "public DNS" },
	{ "domains.server_name=box.home.arpa", "domains.server_name", "public DNS" },
	{ "domains.server_name=free.tk", "domains.server_name", "Cloudflare" },
	{ "domains.web=chat.example.net", "domains.web", "example" },
	{ "domains.synapse=account", "domains.auth", "domains.synapse" },
	{ "domains.web=matrix.home-chat.net", "domains.web", "domains.synapse" },
	{ "domains.web=home-chat.net", "domains.web", "domains.server_name" },
	{ "domains.admin=element", "domains.admin", "domains.web" },
	{ "domains.server_name=" L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 ".net", "domains.auth",
	  "253" },
	{ "domains.server_name=" L63 "." L63 "." L63 ".abc.net;admin.username=" L60,
	  "admin.username", "255" },
	{ "certificates.email=certs@example.com", "certificates.email", "Let's Encrypt" },
	{ "certificates.email=certs@mail.example.org", "certificates.email", "Let's Encrypt" },
	{ "certificates.email=certs@nas.local", "certificates.email", "Let's Encrypt" },
	{ "admin.email=admin@example.com", "admin.email", "example" },
	{ "registration.mode=open", "smtp.host", "open registration" },
	{ "registration.mode=open;smtp.host=mail.home-chat.net", "smtp.from", "open registration" },
	{ "smtp.host=mail.home-chat.net", "smtp.from", "sender" },
	{ "postgres.mode=external", "postgres.host", "external" },
	{ "postgres.mode=external", "postgres.synapse_user", "external" },
	{ "postgres.mode=external", "postgres.synapse_database", "external" },
	{ "postgres.mode=external", "postgres.auth_user", "external" },
	{ "postgres.mode=external", "postgres.auth_database", "external" },
	{ "postgres.mode=external;postgres.host=db.home-chat.net;postgres.synapse_user=u;"
	  "postgres.synapse_database=matrix;postgres.auth_user=u;postgres.auth_database=matrix",
	  "postgres.auth_database", "two" },
	{ "cluster.kind=existing", "cluster.kubeconfig", "existing" },
	{ "scale.synapse_workers=pusher,client-reader,pusher=2", "scale.synapse_workers", "says again" },
	{ "images.registries=sfu=a.b,web=a.b,sfu=c.d", "images.registries", "says again" },
	{ "network.public_address_mode=manual", "network.public_address", "manual" },
	{ "network.public_address_mode=stun", "network.stun_servers", "stun" },
	{ "cluster.pod_cidr=10.42.0.0/16;cluster.service_cidr=10.42.0.0/24", "cluster.service_cidr",
	  "overlaps" },
	{ "cluster.pod_cidr=10.0.0.0/8;cluster.service_cidr=10.43.0.0/16", "cluster.service_cidr",
	  "overlaps" },
	{ "cluster.internal_address=10.44.0.5", "cluster.internal_address", "10.43.0.0/16" },
	{ "cluster.internal_address=10.43.0.1", "cluster.internal_address", "not free" },
	{ "cluster.internal_address=10.43.0.10", "cluster.internal_address", "not free" },
	{ "cluster.internal_address=10.43.1.0", "cluster.internal_address", "not free" },
	{ "cluster.service_cidr=10.96.0.0/16;cluster.internal_address=10.43.0.200",
	  "cluster.internal_address", "10.96.0.0/16" },
};

static void set_all(struct config *c, const char *settings)
{
	_cleanup_free_ char *copy = xstrdup(settings);
	char *save = NULL;
	for (char *s = strtok_r(copy, ";", &save); s; s = strtok_r(NULL, ";", &save)) {
		struct err e = ERR_INIT;
		char *eq = strchr(s, '=');
		*eq = '\0';
		int r = config_set(c, s, eq + 1, &e);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_msg(r == 0, "%s", text);
	}
}

static const struct problem *find_error(const struct problems *p, const char *key)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].warning && !strcmp(p->v[i].key, key))
			return &p->v[i];
	return NULL;
}

START_TEST(bad_sets_are_refused)
{
	const struct bad_set *b = &bad_sets[_i];
	_cleanup_config_ struct config c;
	struct problems p;

	config_new(&c);
	set_all(&c, BASE);
	set_all(&c, b->settings);
	ck_assert_msg(config_check(&c, 0, &p) < 0, "taken: %s", b->settings);
	ck_assert_uint_gt(p.nerrors, 0);
	const struct problem *q = find_error(&p, b->key);
	ck_assert_msg(q != NULL, "no problem with %s: %s", b->key, b->settings);
	check_message(&q->err, b->key, b->wrong);
	problems_done(&p);
}
END_TEST

START_TEST(all_bad_keys_at_once)
{
	_cleanup_config_ struct config c;
	struct problems p;
	static const char *const keys_bad[] = { "ports.http",	   "ports.udp_range",
						"domains.synapse", "certificates.email",
						"paths.home",	   "domains.server_name" };

	/* Values that no validator lets in: a config.json that was edited by hand. */
	config_new(&c);
	json_decref(c.root);
	c.root = json_pack("{s:{s:i,s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "ports", "http", 0,
			   "udp_range", "b-a", "domains", "synapse", "a_b", "certificates", "email",
			   "x", "paths", "home", "opt");
	ck_assert_ptr_nonnull(c.root);
	ck_assert_int_eq(config_check(&c, 0, &p), -1);
	for (size_t i = 0; i < ARRAY_LEN(keys_bad); i++)
		ck_assert_msg(find_error(&p, keys_bad[i]) != NULL, "%s is missing", keys_bad[i]);
	ck_assert_uint_eq(p.nerrors, ARRAY_LEN(keys_bad));
	problems_done(&p);
}
END_TEST

START_TEST(unknown_keys_name_the_nearest)
{
	static const char *const cases[][2] = {
		{ "ports.htps", "ports.https" },
		{ "port.https", "ports.https" },
		{ "https", "ports.https" },
		{ "domains.servername", "domains.server_name" },
		{ "certificate.email", "certificates.email" },
		{ "admin.user_name", "admin.username" },
		{ "ports.internal.htttp", "ports.internal.http" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_config_ struct config c;
		struct err e = ERR_INIT;
		config_new(&c);
		ck_assert_int_eq(config_set(&c, cases[i][0], "1", &e), -1);
		ck_assert_int_eq(e.fault, FAULT_CONFIG_KEY);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_msg(strstr(text, cases[i][1]) != NULL, "%s", text);
	}
	ck_assert_ptr_null(key_nearest("something.entirely.different"));
	ck_assert_ptr_null(key_nearest(L60 L60 L60));
	ck_assert_ptr_null(key_nearest(""));
}
END_TEST

START_TEST(secrets_are_not_shown)
{
	size_t n;
	const struct key *k = keys(&n);
	unsigned met = 0;

	for (size_t i = 0; i < n; i++) {
		_cleanup_config_ struct config c = { 0 };
		struct err e = ERR_INIT;
		if (!(k[i].flags & KEY_SECRET))
			continue;
		met++;
		ck_assert_int_eq(key_check(&k[i], "canary\nCANARY", &e), -1);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_msg(!strcasestr(text, "canary"), "%s", text);
		config_new(&c);
		err_clear(&e);
		ck_assert_int_eq(config_set(&c, k[i].name, "canary-secret", &e), -1);
		_cleanup_free_ char *refused = err_text(&e);
		ck_assert_msg(!strcasestr(refused, "canary") && strstr(refused, k[i].name), "%s",
			      refused);
	}
	ck_assert_uint_eq(met, 5);
}
END_TEST

START_TEST(bad_secrets)
{
	static const struct bad_value cases[] = {
		{ "cloudflare.token", "short", "too short" },
		{ "cloudflare.token", "abcdefghijklmnopqrstuvwxyz0123456789 ABCD", "space" },
		{ "cloudflare.token", "abcdefghijklmnopqrstuvwxyz0123456789ABCD\n", "line break" },
		{ "cloudflare.token", "0123456789abcdef0123456789abcdef01234", "Global API Key" },
		{ "cloudflare.token", "", "too short" },
		{ "admin.password", "short", "fewer than 8" },
		{ "admin.password", "line\nbreak-in-it", "line break" },
		{ "smtp.password", "", "empty" },
		{ "postgres.auth_password", "a\x01", "control" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		ck_assert_int_eq(key_check(key_find(cases[i].key), cases[i].value, &e), -1);
		check_message(&e, cases[i].key, cases[i].wrong);
	}
}
END_TEST

START_TEST(enough_of_them)
{
	ck_assert_uint_ge(ARRAY_LEN(bad_values) + ARRAY_LEN(bad_sets), 150);
	ck_assert_uint_eq(strlen(LONG_HOST), 254);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bad configurations");
	TCase *t = tcase_create("config");
	tcase_add_loop_test(t, bad_values_are_refused, 0, (int)ARRAY_LEN(bad_values));
	tcase_add_loop_test(t, bad_sets_are_refused, 0, (int)ARRAY_LEN(bad_sets));
	tcase_add_test(t, all_bad_keys_at_once);
	tcase_add_test(t, unknown_keys_name_the_nearest);
	tcase_add_test(t, secrets_are_not_shown);
	tcase_add_test(t, bad_secrets);
	tcase_add_test(t, enough_of_them);
	suite_add_tcase(s, t);
	return unit_run(s);
}
