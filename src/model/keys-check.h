/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The validators of the table of keys, each for one value in text form. Their messages always take
 * the key, the value and an example of a right one, in this order. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "model/keys.h"

/* NULL, or the message (a msgid with three %s: key, value, example) that says why s is no host
 * name: LDH labels in lower case, at most 63 bytes each and 253 together. */
const char *host_wrong(const char *s, bool one_label);

/* "30152-30352". */
bool range_parse(const char *s, long *ret_from, long *ret_to);

/* Sets FAULT_CONFIG_VALUE from a msgid as above. Secrets are not shown. */
int key_bad(const struct key *key, const char *value, const char *msgid, struct err *e);

typedef int key_check_fn(const struct key *key, const char *value, struct err *e);

/* keys-check-net.c: names and addresses */
key_check_fn check_domain;     /* a full host name, at least two labels */
key_check_fn check_host_part;  /* a label or more before the server name, or a full name */
key_check_fn check_admin_host; /* the same, or "off" */
key_check_fn check_peer;       /* host name of any kind, or IPv4 */
key_check_fn check_peer_port;  /* the same with ":port" */
key_check_fn check_email;
key_check_fn check_ipv4;
key_check_fn check_cidr;
key_check_fn check_resolver;   /* IPv4 or IPv4:port */
key_check_fn check_url;	       /* http or https, no user, no query */
key_check_fn check_proxy;      /* http, https or socks5h */
key_check_fn check_connect_to; /* HOST:PORT:HOST2:PORT2, each may be empty */

/* chart-parts.c: parts of the chart */
key_check_fn check_part_registry; /* PART=REGISTRY */
key_check_fn check_worker;	  /* WORKER or WORKER=NUMBER */

/* keys-check.c: everything else */
key_check_fn check_range;
key_check_fn check_path;
key_check_fn check_home; /* a path that is no folder of the system's */
key_check_fn check_localpart;
key_check_fn check_k8s_name; /* RFC 1123 subdomain */
key_check_fn check_selector;
key_check_fn check_target_port;
key_check_fn check_storage_size;
key_check_fn check_upload_size;
key_check_fn check_pg_name;
key_check_fn check_text; /* printable, anything else goes */
key_check_fn check_no_proxy;
key_check_fn check_password;
key_check_fn check_cf_token;
key_check_fn check_sha256, check_digest;
key_check_fn check_k3s_channel;
key_check_fn check_k3s_version;
key_check_fn check_helm_version;
key_check_fn check_cert_manager_version;
key_check_fn check_chart_version;
